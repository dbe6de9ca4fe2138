#include "quill/train/losses/dpo.hpp"

#include <ATen/ATen.h>

#include "quill/core/error.hpp"

namespace quill::train {

namespace {

/// Loss of each pair, from c and r.
torch::Tensor pair_losses(const DpoLossConfig& config, const torch::Tensor& chosen,
                          const torch::Tensor& rejected, const Preferred& pairs) {
  const double beta = config.beta;
  const auto apart = beta * (chosen - rejected);
  if (config.loss == "sigmoid")
    return -at::log_sigmoid(apart);
  if (config.loss == "ipo")
    return (chosen / pairs.chosen_tokens - rejected / pairs.rejected_tokens - 1 / (2 * beta))
        .square();
  if (config.loss == "hinge")
    return at::relu(1 - apart);
  if (config.loss == "robust") {
    const double wrong = config.label_smoothing;
    return (-(1 - wrong) * at::log_sigmoid(apart) + wrong * at::log_sigmoid(-apart)) /
           (1 - 2 * wrong);
  }
  QUILL_CHECK(config.loss == "apo_zero", "a loss that is not among the choices");
  return 1 - at::sigmoid(beta * chosen) + at::sigmoid(beta * rejected);
}

} // namespace

Loss dpo_loss(const DpoLossConfig& config, const Preferred& pairs, const DpoTotals& totals) {
  const auto chosen = pairs.chosen - pairs.reference_chosen;
  const auto rejected = pairs.rejected - pairs.reference_rejected;
  const auto mean = [&](const torch::Tensor& values) {
    return values.detach().sum(torch::kFloat64).item<double>() / totals.pairs;
  };
  Loss loss{.value = pair_losses(config, chosen, rejected, pairs).sum() / totals.pairs,
            .parts = {{"reward_chosen", config.beta * mean(chosen)},
                      {"reward_rejected", config.beta * mean(rejected)},
                      {"reward_margin", config.beta * mean(chosen - rejected)},
                      {"reward_accuracy", mean((chosen > rejected).to(torch::kFloat32))}}};
  if (config.sft_weight > 0)
    loss.value = loss.value - config.sft_weight * pairs.chosen.sum() / totals.chosen_tokens;
  return loss;
}

} // namespace quill::train
