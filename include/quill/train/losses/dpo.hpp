// The loss of direct preference optimisation, in its variants.
#pragma once

#include "quill/train/dpo.hpp"
#include "quill/train/loss.hpp"

namespace quill::train {

/// Log-probabilities of whole answers (sums over their tokens) and their lengths; P pairs.
struct Preferred {
  torch::Tensor chosen, rejected;                     ///< (P) now, with a gradient
  torch::Tensor reference_chosen, reference_rejected; ///< (P)
  torch::Tensor chosen_tokens, rejected_tokens;       ///< (P) float32
};

struct DpoTotals {
  double pairs = 0, chosen_tokens = 0; ///< of the whole step
};

/// With c = chosen − reference, r = rejected − reference and Δ = c − r, the mean over pairs of
///   sigmoid   −log σ(β Δ) (Rafailov et al., arXiv:2305.18290)
///   ipo       (c / tokens − r / tokens − 1 / (2 β))² (Azar et al., arXiv:2310.12036; by token as
///             its authors do)
///   hinge     max(0, 1 − β Δ) (Zhao et al., arXiv:2305.10425)
///   robust    (−(1 − s) log σ(β Δ) + s log σ(−β Δ)) / (1 − 2 s), s the share of wrong labels
///             (Chowdhury et al., arXiv:2403.00409)
///   apo_zero  1 − σ(β c) + σ(β r) (D'Oosterlinck et al., arXiv:2408.06266)
/// plus sft_weight times the cross-entropy of the chosen answers' tokens.
/// Parts, means over pairs: reward_chosen β c, reward_rejected β r, reward_margin, reward_accuracy.
[[nodiscard]] Loss dpo_loss(const DpoLossConfig& config, const Preferred& pairs,
                            const DpoTotals& totals);

} // namespace quill::train
