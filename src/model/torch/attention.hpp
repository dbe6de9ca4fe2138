// Attention of one sequence to itself.
#pragma once

#include <torch/types.h>

namespace quill::model {

/// Causal: q (n, H, C), k and v (n, K, C) of H / K queries a head → (n, H * C). With a `window`
/// each token sees itself and window - 1 before it; 0: all before it.
[[nodiscard]] torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k,
                                             const torch::Tensor& v, std::int64_t window = 0);

} // namespace quill::model
