#include "quill/train/losses/ppo.hpp"

#include <ATen/ATen.h>

namespace quill::train {

Advantages estimated_advantages(const torch::Tensor& rewards, const torch::Tensor& values,
                                const std::vector<std::int64_t>& ends, double gamma,
                                double lambda) {
  auto advantages = at::empty_like(values);
  const auto reward = rewards.accessor<float, 1>(), value = values.accessor<float, 1>();
  auto out = advantages.accessor<float, 1>();
  std::int64_t begin = 0;
  for (const std::int64_t end : ends) {
    double next_value = 0, advantage = 0;
    for (std::int64_t i = end; i-- > begin;) {
      advantage = reward[i] + gamma * next_value - value[i] + gamma * lambda * advantage;
      next_value = value[i];
      out[i] = static_cast<float>(advantage);
    }
    begin = end;
  }
  return {advantages, advantages + values};
}

torch::Tensor whitened(const torch::Tensor& values) {
  constexpr double kSmallest = 1e-8;
  if (values.numel() < 2)
    return at::zeros_like(values);
  return (values - values.mean()) * (values.var() + kSmallest).rsqrt();
}

Loss ppo_loss(const PpoLossConfig& config, const ValuedTokens& tokens, double tokens_of_step) {
  const auto mean = [&](const torch::Tensor& values) { return values.sum() / tokens_of_step; };
  const auto figure = [&](const torch::Tensor& values) {
    return mean(values.detach().to(torch::kFloat64)).item<double>();
  };
  const auto ratio = (tokens.logprobs - tokens.old_logprobs).exp();
  const auto free = -tokens.advantages * ratio;
  const auto held = -tokens.advantages * ratio.clamp(1 - config.epsilon, 1 + config.epsilon);
  const auto near = at::max(at::min(tokens.values, tokens.old_values + config.value_epsilon),
                            tokens.old_values - config.value_epsilon);
  const auto missed = (tokens.values - tokens.returns).square();
  const auto missed_near = (near - tokens.returns).square();
  const auto policy = mean(at::max(free, held));
  const auto value = 0.5 * mean(at::max(missed, missed_near));
  return {.value = policy + config.value_weight * value,
          .parts = {{"policy_loss", policy.detach().item<double>()},
                    {"value_loss", value.detach().item<double>()},
                    {"clip_fraction", figure(held > free)},
                    {"value_clip_fraction", figure(missed_near > missed)},
                    {"ratio", figure(ratio)}}};
}

} // namespace quill::train
