// Answers of the model that is being trained, rewarded and kept on disk.
#pragma once

#include <memory>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/core/random.hpp"
#include "quill/model/network.hpp"
#include "quill/train/batches.hpp"
#include "quill/train/rollout.hpp"
#include "quill/train/run.hpp"

namespace quill::train {

/// Of one round: `exercises` times `generations` completions, those of an exercise together.
class Rollouts {
 public:
  /// References must outlive it. \throws Error{usage} for data that cannot be read
  Rollouts(const RolloutConfig& config, const RewardConfig& reward,
           const std::filesystem::path& model, model::Network& network, const Run& run,
           std::uint64_t seed, const Cancel& cancel);
  ~Rollouts();
  /// Samples and rewards round `number`, or reads it back when a run that was stopped had.
  /// `fresh`: the weights are those the round begins with, so that it may be sampled again.
  [[nodiscard]] std::vector<Completion> round(std::int64_t number, bool fresh);
  /// Writes a round's completions over those on disk.
  void keep(std::int64_t number, const std::vector<Completion>& completions) const;
  [[nodiscard]] std::int64_t exercises() const {
    return static_cast<std::int64_t>(exercises_.size());
  }

 private:
  [[nodiscard]] std::vector<Completion> sampled(std::int64_t number);
  [[nodiscard]] model::Generation asked(std::size_t exercise, const Rng& rng,
                                        std::size_t place) const;
  [[nodiscard]] Completion completion_of(std::size_t exercise, const model::Answer& answer) const;
  /// Logs answers that could not be judged. \throws Error{usage} when none could be
  void require_judged(std::int64_t number, const std::vector<Completion>& completions) const;
  [[nodiscard]] std::filesystem::path place_of(std::int64_t number) const;

  const RolloutConfig& config_;
  const RewardConfig& reward_config_;
  model::Network& network_;
  const Run& run_;
  std::uint64_t seed_;
  /// A stop that is asked for waits for the round: half a round would not be the same again.
  const Cancel never_;
  model::ChatFormat format_;
  std::vector<Exercise> exercises_;
  std::vector<std::vector<model::TokenId>> prompts_; ///< by exercise
  BatchPlan plan_;
  std::shared_ptr<Reward> reward_;
};

} // namespace quill::train
