// The kernels on tensors, with gradients. Compiled where CUDA is built, and in the tests over the
// emulated GPU. Inputs lie without gaps, in float32 or bfloat16; widths and counts are multiples
// of 8.
#pragma once

#include "model/torch/plain_ops.hpp"

namespace quill::model::kernel {

/// As the functions of the same names in plain_ops.hpp.
[[nodiscard]] torch::Tensor norm(const torch::Tensor& x, const torch::Tensor& weight,
                                 double epsilon);
[[nodiscard]] Normed add_norm(const torch::Tensor& x, const torch::Tensor& delta,
                              const torch::Tensor& weight, double epsilon);
[[nodiscard]] torch::Tensor rotated(const torch::Tensor& x, const torch::Tensor& cosines,
                                    const torch::Tensor& sines);
[[nodiscard]] torch::Tensor swiglu(const torch::Tensor& gate, const torch::Tensor& up);
[[nodiscard]] torch::Tensor nf4_values(const Nf4Matrix& matrix, std::int64_t count,
                                       torch::ScalarType type);
[[nodiscard]] torch::Tensor decode_attention(const torch::Tensor& queries,
                                             const torch::Tensor& keys, const torch::Tensor& values,
                                             plain::CacheView& cache);

} // namespace quill::model::kernel
