// AdamW with its moments in float32, and the norm of a gradient.
#pragma once

#include <vector>

#include "quill/train/config.hpp"
#include "quill/train/trainee.hpp"

namespace quill::train {

class AdamW {
 public:
  AdamW(const Trainee& trainee, const OptimizerConfig& config);
  /// One update of every parameter by its gradient. `step` counts from 1.
  void update(double learning_rate, std::int64_t step);
  /// The moments under names, for checkpoints.
  [[nodiscard]] std::vector<Parameter> moments() const;

 private:
  /// Parameters with one weight decay.
  struct Group {
    std::vector<torch::Tensor> tensors, means, squares;
    double decay = 0;
  };
  OptimizerConfig config_;
  std::vector<Group> groups_;
  std::vector<Parameter> moments_;
};

/// Gradients of all parameters; zeros for one that has none. They are what backward adds to.
[[nodiscard]] std::vector<torch::Tensor> gradients_of(const Trainee& trainee);
/// The norm of all of them together; they are scaled down to `largest` when it is more (0: never).
double clip(const std::vector<torch::Tensor>& gradients, double largest);

} // namespace quill::train
