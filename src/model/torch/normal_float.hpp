// Parts of NF4 that its plain form and its codes share.
#pragma once

#include <torch/types.h>

#include "quill/model/nf4.hpp"

namespace quill::model {

/// The 16 values that codes stand for, before their block's scale, (16) float32.
[[nodiscard]] torch::Tensor normal_float();
/// Each value times the scale of its block, (count).
[[nodiscard]] torch::Tensor scaled_back(const torch::Tensor& values, const torch::Tensor& scales,
                                        std::int64_t block);
/// One scale a block, float32.
[[nodiscard]] torch::Tensor nf4_scales(const Nf4Matrix& matrix);

} // namespace quill::model
