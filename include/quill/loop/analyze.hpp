// Reading a run back: success over time, rewards, diversity, distributions.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// `quill analyze`.
struct AnalyzeConfig {
  std::filesystem::path run = "data/stage1"; ///< a run folder
  void fields(FieldList& list);
};

struct Analysis {
  std::filesystem::path source; ///< the file that was read: run.db, else metrics.json
  bool finished = true;         ///< the run did all it was asked for
  Totals totals;
  std::vector<IterationMetrics> iterations; ///< without iteration 0
  /// Success rate over time: means over equal spans of iterations, ten or fewer.
  struct Span {
    std::int64_t first = 0, last = 0, asked = 0, kept = 0;
    double success_rate = 0;
    std::optional<double> reward_mean;
  };
  std::vector<Span> over_time;
};
[[nodiscard]] Json to_json(const Analysis& analysis);

/// From run.db (also while another process writes it), or, when it is not there, from
/// training_data.json and metrics.json of the folder. \throws Error{usage}
[[nodiscard]] Analysis analyze(const AnalyzeConfig& config);

} // namespace quill::loop
