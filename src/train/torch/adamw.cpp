#include "train/torch/adamw.hpp"

#include <ATen/ATen.h>

namespace quill::train {

AdamW::AdamW(const Trainee& trainee, const OptimizerConfig& config) : config_(config) {
  groups_.resize(2);
  groups_[0].decay = config.weight_decay;
  for (const Parameter& parameter : trainee.parameters) {
    Group& group = groups_[parameter.decays ? 0 : 1];
    const auto zeros = [&] {
      return at::zeros_like(parameter.tensor, parameter.tensor.options().dtype(torch::kFloat32));
    };
    group.tensors.push_back(parameter.tensor);
    group.means.push_back(zeros());
    group.squares.push_back(zeros());
    moments_.push_back({"mean." + parameter.name, group.means.back()});
    moments_.push_back({"square." + parameter.name, group.squares.back()});
  }
}

void AdamW::update(double learning_rate, std::int64_t step) {
  const torch::NoGradGuard no_grad;
  for (Group& group : groups_) {
    if (group.tensors.empty())
      continue;
    std::vector<torch::Tensor> gradients, steps;
    for (const torch::Tensor& tensor : group.tensors) {
      gradients.push_back(tensor.grad());
      // The operator wants its own count for each tensor, as of before the update.
      steps.push_back(at::full({}, static_cast<double>(step), tensor.options()));
    }
    at::_fused_adamw_(group.tensors, gradients, group.means, group.squares, {}, steps,
                      learning_rate, config_.beta1, config_.beta2, group.decay, config_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
}

std::vector<Parameter> AdamW::moments() const {
  return moments_;
}

std::vector<torch::Tensor> gradients_of(const Trainee& trainee) {
  std::vector<torch::Tensor> gradients;
  for (const Parameter& parameter : trainee.parameters) {
    torch::Tensor& gradient = parameter.tensor.mutable_grad();
    if (!gradient.defined())
      gradient = at::zeros_like(parameter.tensor);
    gradients.push_back(gradient);
  }
  return gradients;
}

double clip(const std::vector<torch::Tensor>& gradients, double largest) {
  const torch::NoGradGuard no_grad;
  const auto norm = at::stack(at::_foreach_norm(gradients, 2)).norm().item<double>();
  // torch.nn.utils.clip_grad_norm_ divides by norm + 1e-6.
  if (const double factor = largest / (norm + 1e-6); largest > 0 && factor < 1)
    for (const torch::Tensor& gradient : gradients)
      gradient.mul_(factor);
  return norm;
}

} // namespace quill::train
