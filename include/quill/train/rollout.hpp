// Exercises, what a model wrote to them, and what it was worth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/model/chat_format.hpp"
#include "quill/train/reward.hpp"

namespace quill {
class Cancel;
}

namespace quill::train {

/// What is asked, and how answers are sampled.
struct RolloutConfig {
  std::filesystem::path data;      ///< questions, or slow queries
  std::filesystem::path databases; ///< <db_id>.sqlite, or a file that holds for all lines
  std::filesystem::path prompt;    ///< "": the shipped question.md
  std::int64_t exercises = 8;      ///< of a step
  std::int64_t generations = 8;    ///< answers to each
  std::int64_t length_max = 0;     ///< of prompt and answer; 0: what the model reads
  std::int64_t tokens_max = 256;
  double temperature = 1;
  std::int64_t top_k = 0;
  double top_p = 1, min_p = 0;
  void fields(FieldList& list);
};

/// Lines of `quill eval sql` (`id`, `db_id`, `question`, `gold`, `evidence`), or of `quill export
/// --format grpo` (`prompt`, `before`). \throws Error{usage} naming file and line
[[nodiscard]] std::vector<Exercise> read_exercises(const RolloutConfig& config,
                                                   const Cancel& cancel);

/// One answer with what is needed to learn from it.
struct Completion {
  std::size_t exercise = 0; ///< number in the data
  std::vector<model::TokenId> prompt = {}, ids = {};
  std::vector<float> logprobs =
      {}; ///< of the ids, as they were sampled; 0 where the model wrote none
  /// Ids from first to behind the last that the model was told, not wrote: what its query failed
  /// with.
  std::vector<std::pair<std::size_t, std::size_t>> told = {};
  std::vector<float> values = {};  ///< ppo: what each place was thought to be worth
  std::vector<float> rewards = {}; ///< ppo: what each token earned
  std::string text = {};
  bool ended = false; ///< false: cut off at tokens_max
  Score score = {};
  [[nodiscard]] bool wrote(std::size_t id) const;
  /// Ids that the model wrote.
  [[nodiscard]] std::size_t written() const;
};
/// A line of rollouts/step-….jsonl, and back: the same bits. \throws Error{usage}
[[nodiscard]] Json to_json(const Completion& completion);
[[nodiscard]] Completion completion_from_json(const Json& value, const std::string& where);

/// Shares and means over completions, as metrics.jsonl has them: reward_mean, success_rate (> 0.5),
/// perfect_rate (> 0.95), unjudged, truncated, completion_length, safety (share of those that tried
/// nothing the sandbox refuses), turns, and the mean of each part.
[[nodiscard]] Json rollout_figures(const std::vector<Completion>& completions);

} // namespace quill::train
