#include "quill/train/losses/grpo.hpp"

#include <ATen/ATen.h>

namespace quill::train {

namespace {

/// Tokens of each token's completion (R).
torch::Tensor lengths_of(const PolicyTokens& tokens) {
  const auto lengths = at::bincount(tokens.completion, {}, tokens.advantages.size(0));
  return lengths.index_select(0, tokens.completion).to(torch::kFloat32);
}

/// log r of each token.
torch::Tensor log_ratios(const std::string& variant, const PolicyTokens& tokens,
                         const torch::Tensor& lengths) {
  const auto by_token = tokens.logprobs - tokens.old_logprobs;
  if (variant != "gspo")
    return by_token;
  const auto sums =
      at::zeros_like(tokens.advantages).index_add(0, tokens.completion, by_token); // (B)
  return sums.index_select(0, tokens.completion) / lengths;
}

/// What a token's loss counts in the step's.
torch::Tensor shares(const std::string& variant, const torch::Tensor& lengths,
                     const GrpoTotals& totals) {
  if (variant == "grpo" || variant == "gspo")
    return 1 / (lengths * totals.completions);
  double all = totals.tokens; // dapo, cispo
  if (variant == "bnpo")
    all = static_cast<double>(lengths.size(0)) * totals.batches;
  else if (variant == "dr_grpo")
    all = totals.completions * totals.tokens_max;
  return at::full_like(lengths, 1 / all);
}

/// The k3 estimate of KL(policy ‖ reference) (Schulman 2020, "Approximating KL divergence").
torch::Tensor divergence(const PolicyTokens& tokens) {
  const auto d = tokens.reference - tokens.logprobs;
  return d.exp() - d - 1;
}

/// Share of the step's tokens that are run.
double mean(const torch::Tensor& values, const GrpoTotals& totals) {
  return values.detach().sum(torch::kFloat64).item<double>() /
         (totals.seen > 0 ? totals.seen : totals.tokens);
}

} // namespace

Loss grpo_loss(const GrpoLossConfig& config, const PolicyTokens& tokens, const GrpoTotals& totals) {
  const auto lengths = lengths_of(tokens);
  const auto ratio = log_ratios(config.loss, tokens, lengths).exp();
  const auto advantages = tokens.advantages.index_select(0, tokens.completion);
  const double highest = config.loss == "cispo" ? config.epsilon_high : 1 + config.epsilon_high;
  auto clipped = (ratio > highest) & (advantages > 0);
  torch::Tensor loss;
  if (config.loss == "cispo") {
    loss = -(ratio.clamp_max(highest).detach() * advantages * tokens.logprobs);
  } else {
    clipped = clipped | ((ratio < 1 - config.epsilon_low) & (advantages < 0));
    loss = -at::min(ratio * advantages, ratio.clamp(1 - config.epsilon_low, highest) * advantages);
  }
  Loss result{.value = {},
              .parts = {{"clip_fraction", mean(clipped.to(torch::kFloat32), totals)},
                        {"ratio", mean(ratio, totals)}}};
  if (config.beta > 0) {
    const auto kl = divergence(tokens);
    result.parts.emplace_back("kl", mean(kl, totals));
    loss = loss + config.beta * kl;
  }
  result.value = (loss * shares(config.loss, lengths, totals)).sum();
  return result;
}

} // namespace quill::train
