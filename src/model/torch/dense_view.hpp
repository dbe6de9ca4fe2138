// A network's tensors as the pointers that DenseStep reads.
#pragma once

#include <optional>

#include "model/dense_step.hpp"
#include "quill/model/network.hpp"

namespace quill::model {

/// Without a cache yet. Nothing when a parameter is not plain float32 in the CPU's memory.
[[nodiscard]] std::optional<DenseNetwork> dense_view(const Network& network);

} // namespace quill::model
