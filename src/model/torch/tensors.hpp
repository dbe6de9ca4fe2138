// Tensors over mapped files.
#pragma once

#include <torch/types.h>

#include "quill/model/safetensors.hpp"

namespace quill::model {

/// The tensor where it lies in the map, which lives as long as the tensor.
[[nodiscard]] torch::Tensor tensor_over(const TensorView& view, const Checkpoint& checkpoint);

} // namespace quill::model
