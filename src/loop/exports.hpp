// The files of a run folder as bytes: functions of what run.db holds, so that they can be made
// again at any time and come out the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loop/tally.hpp"
#include "quill/core/json.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

struct RunState {
  const Json& settings;
  const std::vector<IterationMetrics>& iterations; ///< 0..n
  const std::vector<Example>& examples;            ///< in order of iteration
  const DiversityCount& diversity;                 ///< of them
  std::int64_t iterations_wanted = 0;
  bool finished = false;
};

/// A JSON array of examples.
[[nodiscard]] std::string training_data_bytes(const std::vector<Example>& examples);
[[nodiscard]] std::string metrics_bytes(const RunState& state);
/// The data set and the totals as they were after iteration `last`.
[[nodiscard]] std::string checkpoint_bytes(const RunState& state, std::int64_t last);
[[nodiscard]] std::string checkpoint_name(std::int64_t iteration);
/// Iterations that have a checkpoint: every `every`-th that is done, and the last of a finished
/// run.
[[nodiscard]] std::vector<std::int64_t> checkpoints_due(const RunState& state, std::int64_t every);

} // namespace quill::loop
