// Products of a few rows with a large matrix, bound by reading the matrix once.
#pragma once

#include <cstdint>

namespace quill::model {

/// Most rows of x in one product: more are for a library that blocks for arithmetic.
inline constexpr std::int64_t kSkinnyRowsMax = 16;

/// y[m][n] = Σk x[m][k] w[n][k] for m in [0, rows) and n in [begin, end); x is (rows, width), w
/// (…, width) and y (rows, stride), all row-major float32. With AVX-512, else AVX2, else as written
/// here: sums differ in their last bits.
void skinny_product(const float* x, std::int64_t rows, const float* w, std::int64_t width,
                    std::int64_t begin, std::int64_t end, float* y, std::int64_t stride);

/// y[c] = Σt weights[t] v[t][c] for c in [0, width); v is (rows, width), row-major.
void weighted_rows(const float* weights, const float* v, std::int64_t rows, std::int64_t width,
                   float* y);

} // namespace quill::model
