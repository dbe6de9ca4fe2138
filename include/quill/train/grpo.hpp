// Group-relative policy optimisation: several answers to one question, each as good as it is
// better than its group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quill/train/config.hpp"
#include "quill/train/reward.hpp"
#include "quill/train/rollout.hpp"
#include "quill/train/sft.hpp"

namespace quill::train {

/// What the policy's loss is made of (losses/grpo.hpp has the formulas).
struct GrpoLossConfig {
  std::string loss = "dapo"; ///< grpo | dr_grpo | dapo | bnpo | gspo | cispo
  double epsilon_low = 0.2;  ///< a ratio may fall so far below 1
  double epsilon_high = 0.2; ///< or rise above it; cispo: the largest ratio
  double beta = 0;           ///< weight of the divergence from the reference; 0: none is asked
  void fields(FieldList& list);
  /// \throws Error{usage}
  void check() const;
};

/// `quill train grpo`.
struct GrpoConfig {
  TraineeConfig trainee;
  OptimizerConfig optimizer;
  RunConfig run;
  RolloutConfig rollout;
  RewardConfig reward;
  GrpoLossConfig loss;
  std::string preset = "none";         ///< none | seed | modern
  std::string scale_rewards = "group"; ///< group | batch | none
  std::int64_t iterations = 1;         ///< steps taken on the same completions
  std::int64_t batch = 32;             ///< completions that go through the network together
  std::int64_t epochs = 1;             ///< unless steps are given
  std::optional<std::int64_t> steps;
  std::int64_t turns = 1;      ///< answers whose query fails are told why and may try again
  bool asynchronous = false;   ///< the next answers are sampled while these are learned from
  bool mask_truncated = false; ///< completions without an end teach nothing
  void fields(FieldList& list);
  /// What the preset says; settings that were given are stronger.
  void take_preset();
  /// Over so many questions.
  [[nodiscard]] std::int64_t steps_over(std::int64_t questions) const;
  /// \throws Error{usage}
  void check() const;
};

/// Rewards of a step as advantages. Groups of `generations` rewards; a reward that is missing has
/// advantage 0 and is in no mean.
struct GroupAdvantages {
  std::vector<double> values;
  double mean = 0, deviation = 0; ///< of the rewards that there are; the groups' mean deviation
  double zero_spread = 0;         ///< share of groups whose rewards are all the same
};
/// (reward − mean of its group) / (deviation + 1e-4); `scale` group, batch (the deviation over all)
/// or none (not divided). Deviations are those of a sample (n − 1).
[[nodiscard]] GroupAdvantages group_advantages(const std::vector<std::optional<double>>& rewards,
                                               std::int64_t generations, const std::string& scale);

/// Writes in --out what train_sft() writes, and rollouts/step-00000001.jsonl: the completions with
/// their rewards and why. Only where LibTorch is linked.
/// \throws Error{usage}: bad settings or data; Error{storage}
[[nodiscard]] TrainSummary train_grpo(const GrpoConfig& config, const TrainContext& context);

} // namespace quill::train
