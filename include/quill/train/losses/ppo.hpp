// The loss of proximal policy optimisation with a value head, and the advantages it takes.
#pragma once

#include "quill/train/loss.hpp"
#include "quill/train/ppo.hpp"

namespace quill::train {

struct Advantages {
  torch::Tensor advantages, returns; ///< (R)
};
/// Generalised advantage estimation (Schulman et al., arXiv:1506.02438) within each completion: δ =
/// reward + γ V(next) − V, A = δ + γ λ A(next); behind the last token both are 0. returns = A + V.
///   rewards, values  (R) float32 on the CPU
///   ends             where each completion ends in them; the last is R
[[nodiscard]] Advantages estimated_advantages(const torch::Tensor& rewards,
                                              const torch::Tensor& values,
                                              const std::vector<std::int64_t>& ends, double gamma,
                                              double lambda);
/// With mean 0 and variance 1 (of the sample, + 1e-8).
[[nodiscard]] torch::Tensor whitened(const torch::Tensor& values);

struct ValuedTokens {
  torch::Tensor logprobs, values;         ///< (R) now, with a gradient
  torch::Tensor old_logprobs, old_values; ///< (R) when they were sampled
  torch::Tensor advantages, returns;      ///< (R)
};
/// Schulman et al., arXiv:1707.06347, with the value clipped too: the sum over tokens of
/// max(−A r, −A clip(r, 1 ± ε)) + c · ½ max((V − R)², (clip(V, V_old ± ε_v) − R)²), by `tokens` of
/// the whole step. Parts: policy_loss, value_loss, clip_fraction, value_clip_fraction, ratio.
[[nodiscard]] Loss ppo_loss(const PpoLossConfig& config, const ValuedTokens& tokens,
                            double tokens_of_step);

} // namespace quill::train
