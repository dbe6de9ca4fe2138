// Tensors over mapped files.
#pragma once

#include <torch/types.h>

#include "quill/model/safetensors.hpp"

namespace quill::model {

/// The tensor where it lies in the map, which lives as long as the tensor.
[[nodiscard]] torch::Tensor tensor_over(const TensorView& view, const Checkpoint& checkpoint);

/// A matrix of a checkpoint, and its values when it is stored in four bits.
[[nodiscard]] torch::Tensor matrix_in(const Checkpoint& checkpoint, const std::string& name,
                                      torch::ScalarType type);

} // namespace quill::model
