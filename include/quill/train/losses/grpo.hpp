// The loss of group-relative policy optimisation, in its variants.
#pragma once

#include "quill/train/grpo.hpp"
#include "quill/train/loss.hpp"

namespace quill::train {

/// Tokens of a batch's completions, one after the other: R of them, in B completions.
struct PolicyTokens {
  torch::Tensor logprobs;       ///< (R) now, with a gradient
  torch::Tensor old_logprobs;   ///< (R) when they were sampled
  torch::Tensor reference = {}; ///< (R) of the reference; only looked at when beta > 0
  torch::Tensor advantages;     ///< (B)
  torch::Tensor completion;     ///< (R) int64: which one each token is of
};

/// Of the whole step, so that batches of any size add up.
struct GrpoTotals {
  double completions = 0, tokens = 0, batches = 1;
  double tokens_max = 0; ///< longest completion there can be (dr_grpo)
  double seen = 0;       ///< tokens that have a gradient and are run; 0: all
};

/// With r = exp(logprob − old) of a token and A of its completion, a token's loss is
/// −min(r A, clip(r, 1 − ε_low, 1 + ε_high) A) + β (e^d − d − 1), d = reference − logprob.
///   grpo     mean over each completion, then over completions (Shao et al., arXiv:2402.03300)
///   dr_grpo  sum / (completions · tokens_max) (Liu et al., arXiv:2503.20783)
///   dapo     sum / tokens of the step (Yu et al., arXiv:2503.14476)
///   bnpo     sum / tokens of the batch, mean over batches
///   gspo     as grpo with r = exp(mean over the completion of logprob − old) (arXiv:2507.18071)
///   cispo    −min(r, ε_high) A logprob without a gradient through r; sum / tokens of the step
///            (arXiv:2506.13585)
/// Parts: kl, clip_fraction, ratio: means over the step's tokens that are run.
[[nodiscard]] Loss grpo_loss(const GrpoLossConfig& config, const PolicyTokens& tokens,
                             const GrpoTotals& totals);

} // namespace quill::train
