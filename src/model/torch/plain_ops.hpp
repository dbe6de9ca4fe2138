// What has a kernel of its own on a GPU, in LibTorch's words: for every device and type, with
// gradients, and what the kernels are tested against.
#pragma once

#include <torch/types.h>

#include "quill/model/nf4.hpp"

namespace quill::model {

/// A row before and after its norm.
struct Normed {
  torch::Tensor sum, normal;
};

namespace plain {

/// x / √(mean(x²) + ε) in float32, then the weight in x's own type. x (…, D), weight (D)
[[nodiscard]] torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& weight,
                                 double epsilon);
/// x + delta, and its norm.
[[nodiscard]] Normed add_norm(const torch::Tensor& x, const torch::Tensor& delta,
                              const torch::Tensor& weight, double epsilon);
/// x (N, H, C), each half pair turned by its angle; cosines and sines (N, 1, C).
[[nodiscard]] torch::Tensor rotated(const torch::Tensor& x, const torch::Tensor& cosines,
                                    const torch::Tensor& sines);
/// silu(gate) · up
[[nodiscard]] torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up);
/// The values of four-bit codes, calculated in float32: (count) in `type`.
[[nodiscard]] torch::Tensor nf4_values(const Nf4Matrix& matrix, std::int64_t count,
                                       torch::ScalarType type);

/// A cache and the new tokens' places in it: keys and values (S, K, T, C), positions (B) int64.
struct CacheView {
  torch::Tensor keys, values, positions;
  std::int64_t window = 0;
};
/// Puts the new keys and values (B, K, C) of slots 0 … B − 1 into the cache, and attends with
/// queries (B, H, C) to what is there: (B, H * C).
[[nodiscard]] torch::Tensor decode_attention(const torch::Tensor& queries,
                                             const torch::Tensor& keys, const torch::Tensor& values,
                                             CacheView& cache);

} // namespace plain

} // namespace quill::model
