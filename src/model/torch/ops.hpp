// What the network is made of besides products of matrices. Which form runs is decided here and
// nowhere else: a kernel where the tensors lie on a GPU and have a shape that it takes, else
// LibTorch's words.
#pragma once

#include "model/torch/plain_ops.hpp"

namespace quill::model::ops {

/// As the functions of the same names in plain_ops.hpp.
[[nodiscard]] torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& weight,
                                 double epsilon);
[[nodiscard]] Normed add_norm(const torch::Tensor& x, const torch::Tensor& delta,
                              const torch::Tensor& weight, double epsilon);
[[nodiscard]] torch::Tensor rotated(const torch::Tensor& x, const torch::Tensor& cosines,
                                    const torch::Tensor& sines);
[[nodiscard]] torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up);
[[nodiscard]] torch::Tensor decode_attention(const torch::Tensor& queries,
                                             const torch::Tensor& keys, const torch::Tensor& values,
                                             plain::CacheView& cache);
[[nodiscard]] torch::Tensor nf4_values(const Nf4Matrix& matrix, std::int64_t count,
                                       torch::ScalarType type);

} // namespace quill::model::ops
