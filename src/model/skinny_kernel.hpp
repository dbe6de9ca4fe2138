// The kernel of skinny_product() over a vector type, so that each instruction set is a file of its
// own that is compiled for it. Nothing of the standard library is used: its inline functions would
// be compiled for that instruction set too, and the linker might take those.
#pragma once

#include <cstdint>

namespace quill::model {

/// What one call works on: y (rows, stride) = x (rows, width) · w (…, width)ᵀ for rows of w from
/// `begin` to `end`.
struct Product {
  const float* x;
  std::int64_t rows;
  const float* w;
  std::int64_t width, begin, end;
  float* y;
  std::int64_t stride;
};
/// y (width) = Σt weights[t] · v[t], v (rows, width).
struct WeightedRows {
  const float* weights;
  const float* v;
  std::int64_t rows, width;
  float* y;
};
struct SkinnyKernels {
  void (*product)(const Product& product);
  void (*weighted)(const WeightedRows& rows);
};

[[nodiscard]] SkinnyKernels skinny_avx512();
[[nodiscard]] SkinnyKernels skinny_avx2();

// Each file that includes this compiles it for another processor, so each has its own.
namespace { // NOLINT(cert-dcl59-cpp)

inline std::int64_t least(std::int64_t a, std::int64_t b) {
  return a < b ? a : b;
}

/// M rows of x with one row of w, whose every value is loaded once. Row after row, because the
/// memory is read ahead only where it is read in order: N rows side by side take three times as
/// long.
template <class V, int M>
void dot_products(const float* const (&x)[M], const float* w, std::int64_t width,
                  typename V::Register* sums, int step) {
  constexpr std::int64_t kAhead = 1024; // floats: a page, where the processor's own reading stops
  const std::int64_t whole = width - width % V::kLanes;
  typename V::Register row[M];
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
    row[m] = V::zero();
  for (std::int64_t k = 0; k < whole; k += V::kLanes) {
    V::prefetch(w + k + kAhead);
    const auto weights = V::load(w + k);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
      row[m] = V::fma(V::load(x[m] + k), weights, row[m]);
  }
  if (whole < width) {
    const auto weights = V::load_first(w + whole, width - whole);
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
      row[m] = V::fma(V::load_first(x[m] + whole, width - whole), weights, row[m]);
  }
#pragma GCC unroll 8
  for (int m = 0; m < M; ++m)
    sums[std::ptrdiff_t{m} * step] = row[m];
}

/// M rows of x with rows of w, N at a time: their N · M sums, as many as a vector has lanes, are
/// folded into one vector together. A sum does not depend on M or N.
template <class V, int M> void block(const Product& p) {
  constexpr int N = V::kLanes / M;
  const float* x[M];
  for (int m = 0; m < M; ++m)
    x[m] = p.x + least(m, p.rows - 1) * p.width;
  for (std::int64_t n = p.begin; n < p.end; n += N) {
    typename V::Register sums[V::kLanes];
#pragma GCC unroll 16
    for (int j = 0; j < N; ++j)
      dot_products<V, M>(x, p.w + least(n + j, p.end - 1) * p.width, p.width, sums + j, N);
    float folded[V::kLanes];
    V::fold(sums, folded);
    const std::int64_t columns = least(N, p.end - n), rows = least(M, p.rows);
    for (std::int64_t m = 0; m < rows; ++m)
      for (std::int64_t j = 0; j < columns; ++j)
        p.y[m * p.stride + n + j] = folded[m * N + j];
  }
}

/// Up to eight rows of x.
template <class V> void block_of(const Product& p) {
  if (p.rows == 1)
    block<V, 1>(p);
  else if (p.rows == 2)
    block<V, 2>(p);
  else if (p.rows <= 4)
    block<V, 4>(p);
  else
    block<V, 8>(p);
}

/// Rows of w whose block fits a core's cache, so that the next eight rows of x find it there.
inline std::int64_t rows_in_cache(std::int64_t width) {
  constexpr std::int64_t kCacheBytes = 256 << 10;
  const std::int64_t rows = kCacheBytes / (4 * width) / 16 * 16;
  return rows < 16 ? 16 : rows;
}

template <class V> void product_with(const Product& p) {
  constexpr std::int64_t kRows = 8; // of x, whose sums stay in registers
  const std::int64_t step = p.rows <= kRows ? p.end - p.begin : rows_in_cache(p.width);
  for (std::int64_t n = p.begin; n < p.end; n += step)
    for (std::int64_t m = 0; m < p.rows; m += kRows)
      block_of<V>({p.x + m * p.width, least(p.rows - m, kRows), p.w, p.width, n,
                   least(n + step, p.end), p.y + m * p.stride, p.stride});
}

template <class V> void weighted_with(const WeightedRows& p) {
  const std::int64_t whole = p.width - p.width % V::kLanes;
  for (std::int64_t c = 0; c < whole; c += V::kLanes) {
    auto sum = V::zero();
    for (std::int64_t t = 0; t < p.rows; ++t)
      sum = V::fma(V::broadcast(p.weights[t]), V::load(p.v + t * p.width + c), sum);
    V::store(p.y + c, sum);
  }
  for (std::int64_t c = whole; c < p.width; ++c) {
    float sum = 0;
    for (std::int64_t t = 0; t < p.rows; ++t)
      sum += p.weights[t] * p.v[t * p.width + c];
    p.y[c] = sum;
  }
}

} // namespace

} // namespace quill::model
