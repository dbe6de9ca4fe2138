// Answers of the model that is being trained, rewarded and kept on disk.
#pragma once

#include <future>
#include <memory>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/random.hpp"
#include "quill/llm/prompt.hpp"
#include "quill/model/network.hpp"
#include "quill/train/batches.hpp"
#include "quill/train/rollout.hpp"
#include "quill/train/run.hpp"
#include "quill/train/sft.hpp"
#include "quill/train/team.hpp"

namespace quill::train {

/// What is asked, how answers are rewarded, and how many tries a query has. References must outlive
/// what takes it.
struct Asking {
  const RolloutConfig& rollout;
  const RewardConfig& reward;
  std::int64_t turns = 1;
};

/// Every process gets what the others did: `mine` are the numbers of the completions that this one
/// sampled or added to.
void share(Team& team, std::vector<Completion>& completions, const std::vector<std::size_t>& mine);

struct RolloutTimes {
  double sampling_ms = 0;
  double judging_ms = 0; ///< each answer for itself
  double waiting_ms = 0; ///< for the judge, when everything was sampled
};

/// `exercises` times `generations` completions, those of an exercise together.
struct Round {
  std::vector<Completion> completions;
  RolloutTimes times; ///< 0 when they were read back
};

/// Rounds are numbered from 0. In a team each process asks its share of a round's exercises; all of
/// them have the whole round then.
class Rollouts {
 public:
  /// References must outlive it. \throws Error{usage} for data that cannot be read
  Rollouts(const Asking& asking, const std::filesystem::path& model, const model::Network& network,
           const Run& run, Team& team, std::uint64_t seed, const TrainContext& context);
  ~Rollouts();
  Rollouts(const Rollouts&) = delete;
  Rollouts& operator=(const Rollouts&) = delete;
  /// What begin() has sampled, or is sampling; what is on disk, when a run that was stopped had
  /// come so far; else samples and rewards it now. \throws Error{usage} when no answer could be
  /// judged
  [[nodiscard]] Round round(std::int64_t number);
  /// Begins to sample a round in a thread, with the network as it is now.
  void begin(std::int64_t number);
  /// Writes a round's completions over those on disk; the process that leads does.
  void keep(std::int64_t number, const std::vector<Completion>& completions) const;
  [[nodiscard]] std::int64_t exercises() const {
    return static_cast<std::int64_t>(exercises_.size());
  }

 private:
  /// Generations, and where the first sample of each stands.
  struct Asked {
    std::size_t place;
    model::Generation generation;
  };
  [[nodiscard]] bool is_on_disk(std::int64_t number);
  [[nodiscard]] Round read_back(std::int64_t number) const;
  [[nodiscard]] Round sampled(std::int64_t number, const model::Network& network);
  [[nodiscard]] std::vector<std::size_t> mine(const Round& round) const;
  [[nodiscard]] std::vector<Asked> first_turn(std::int64_t number,
                                              std::vector<Completion>& completions);
  [[nodiscard]] std::vector<Asked> next_turn(const Rng& rng,
                                             std::vector<Completion>& completions) const;
  void write(const model::Network& network, std::vector<Asked> asked, Round& round) const;
  [[nodiscard]] model::Generation generation(std::vector<model::TokenId> prompt,
                                             std::int64_t samples, std::uint64_t seed) const;
  [[nodiscard]] std::vector<model::TokenId> told(const Completion& completion) const;
  /// Logs answers that could not be judged. \throws Error{usage} when none could be
  void require_judged(std::int64_t number, const std::vector<Completion>& completions) const;
  [[nodiscard]] std::filesystem::path place_of(std::int64_t number) const;

  Asking asking_;
  const RolloutConfig& config_;
  const model::Network& network_;
  const Run& run_;
  Team& team_;
  std::uint64_t seed_;
  const Clock& clock_;
  /// A stop that is asked for waits for the round: half a round would not be the same again.
  const Cancel never_;
  model::ChatFormat format_;
  llm::PromptFile repair_;
  std::vector<Exercise> exercises_;
  std::int64_t length_max_;                          ///< of prompt and answer
  std::vector<std::vector<model::TokenId>> prompts_; ///< by exercise
  BatchPlan plan_;
  std::shared_ptr<Reward> reward_;
  std::int64_t next_ = -1;   ///< the round that is being sampled
  std::future<Round> ahead_; ///< the last member: its thread reads the others
};

} // namespace quill::train
