// What a loss gives.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace quill::train {

/// A batch's share of a step's loss: the shares of all batches add up.
struct Loss {
  torch::Tensor value; ///< a scalar to differentiate
  /// What it is made of, and figures to log; added up over the batches of a step too.
  std::vector<std::pair<std::string, double>> parts = {};
};

} // namespace quill::train
