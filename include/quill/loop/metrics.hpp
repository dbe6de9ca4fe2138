// What a run did, in numbers: per iteration and in total. Pure values with their JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::loop {

/// Counts by name, in the order they are shown.
using Counts = std::vector<std::pair<std::string, std::int64_t>>;

/// One iteration. Iteration 0 judges the seed examples and counts in no success rate.
struct IterationMetrics {
  std::int64_t iteration = 0;
  std::string problem; ///< id of the problem it asked about
  std::int64_t asked = 0;
  std::int64_t offered = 0;    ///< what came, at most `asked`
  std::int64_t kept = 0;       ///< judged *kept*, duplicates included
  std::int64_t added = 0;      ///< kept and new: what the pool grew by
  std::int64_t duplicates = 0; ///< offered before in this run, seeds included
  std::int64_t unparsable = 0;
  std::int64_t blocked = 0;
  std::int64_t timed_out = 0;
  std::int64_t wrong = 0;                 ///< other rows than before's
  std::int64_t slow = 0;                  ///< right, but not faster enough
  std::int64_t failed = 0;                ///< before or after did not run, or nothing could be told
  std::int64_t dropped = 0;               ///< the judge failed twice: no verdict, no score
  double success_rate = 0;                ///< kept / asked
  std::optional<double> reward_mean;      ///< over candidates that have a reward
  std::optional<double> reward_kept_mean; ///< over the kept ones
  Counts by_type, by_band;                ///< of the kept ones
  std::int64_t examples = 0;              ///< data set after this iteration
  std::optional<double> before_diversity; ///< distinct before / examples, after this iteration
  std::optional<double> after_diversity;  ///< distinct after with its indexes / examples
  std::optional<std::int64_t> prompt_tokens, completion_tokens; ///< of the replies that told
  std::optional<double>
      cost_usd; ///< 0 for rules; of the replies whose price and tokens are known, else null
  std::optional<double> elapsed_ms; ///< null under --measure steps, so that runs repeat
  std::int64_t judged_by_model = 0; ///< pairs whose readability a model judged
  std::int64_t judges_agreed = 0;   ///< of them: the offline judge says the same
};
[[nodiscard]] Json to_json(const IterationMetrics& metrics);
/// \throws Error{usage}
[[nodiscard]] IterationMetrics iteration_from_json(const Json& value, const std::string& where);

/// The whole run, or what there is of it.
struct Totals {
  std::int64_t iterations = 0; ///< finished ones, without iteration 0
  std::int64_t asked = 0, offered = 0, kept = 0, duplicates = 0, dropped = 0;
  std::int64_t distinct = 0;                    ///< distinct kept examples, seeds not counted
  std::int64_t seeds = 0;                       ///< seed examples in the data set
  std::int64_t examples = 0;                    ///< distinct + seeds
  std::optional<double> success_rate;           ///< kept / asked
  std::optional<double> success_rate_first_ten; ///< of the first ten iterations
  std::optional<double> success_rate_last_ten;  ///< of the last ten iterations
  std::optional<double> reward_mean, reward_min, reward_max; ///< of distinct kept examples
  std::optional<double> before_diversity, after_diversity;
  Counts by_type, by_band, by_rule; ///< of distinct kept examples
  std::optional<std::int64_t> prompt_tokens, completion_tokens;
  std::optional<double> cost_usd;
  std::optional<double> elapsed_ms;                    ///< null under --measure steps
  std::int64_t judged_by_model = 0, judges_agreed = 0; ///< seeds included
  [[nodiscard]] std::optional<double> judge_agreement() const {
    if (judged_by_model == 0)
      return std::nullopt;
    return static_cast<double>(judges_agreed) / static_cast<double>(judged_by_model);
  }
};
[[nodiscard]] Json to_json(const Totals& totals);

} // namespace quill::loop
