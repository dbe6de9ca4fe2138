// Proximal policy optimisation: a second head learns what an answer so far is worth.
#pragma once

#include <cstdint>
#include <string>

#include "quill/train/config.hpp"
#include "quill/train/reward.hpp"
#include "quill/train/rollout.hpp"
#include "quill/train/sft.hpp"

namespace quill::train {

/// What the loss is made of (losses/ppo.hpp has the formulas).
struct PpoLossConfig {
  double epsilon = 0.2;       ///< a ratio may be so far from 1
  double value_epsilon = 0.2; ///< a value so far from what it was
  double value_weight = 0.1;  ///< of the value's loss
  void fields(FieldList& list);
};

/// `quill train ppo`.
struct PpoConfig {
  TraineeConfig trainee;
  OptimizerConfig optimizer;
  RunConfig run;
  RolloutConfig rollout;
  RewardConfig reward;
  PpoLossConfig loss;
  double gamma = 1, lambda = 0.95; ///< of the advantages
  double kl = 0.05;                ///< reward lost for each nat away from the reference; 0: none
  std::int64_t iterations = 4;     ///< steps taken on the same completions
  std::int64_t batch = 32;         ///< completions that go through the network together
  std::int64_t steps = 100;
  void fields(FieldList& list);
  /// \throws Error{usage}
  void check() const;
};

/// Writes in --out what train_grpo() writes, and value.safetensors in each checkpoint.
/// Only where LibTorch is linked. \throws Error{usage}: bad settings or data; Error{storage}
[[nodiscard]] TrainSummary train_ppo(const PpoConfig& config, const TrainContext& context);

} // namespace quill::train
