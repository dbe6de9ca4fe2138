// Attention of one sequence to itself.
#pragma once

#include <torch/types.h>

namespace quill::model {

/// Causal: q (n, H, C), k and v (n, K, C) of H / K queries a head → (n, H * C).
[[nodiscard]] torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k,
                                             const torch::Tensor& v);

} // namespace quill::model
