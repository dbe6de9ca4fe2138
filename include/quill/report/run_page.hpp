// A run as one HTML file: numbers, plots, and pairs of queries with their plans. The file needs
// nothing beside it, loads nothing, and follows the reader's light or dark setting.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace quill::engine {
class Session;
}

namespace quill::report {

struct IterationPoint {
  std::int64_t iteration = 0;
  double success_rate = 0;                                 ///< [0, 1]
  std::optional<double> reward_mean, reward_kept_mean;     ///< of all candidates, of the kept ones
  std::optional<double> before_diversity, after_diversity; ///< [0, 1]
  std::int64_t examples = 0;                               ///< data set after it
  std::optional<double> cost_usd;                          ///< of this iteration
  std::optional<std::int64_t> tokens;                      ///< in and out
};

struct SpeedupPoint {
  std::int64_t iteration = 0;
  double speedup = 1;
};

/// A pair to look at.
struct ShownPair {
  std::string id, type, rule, explanation, before;
  std::string schema;               ///< DDL of its database; not shown
  std::string after;                ///< one statement
  std::vector<std::string> indexes; ///< its CREATE INDEX statements
  std::optional<double> speedup, reward, before_ms, after_ms;
  std::vector<std::string> before_plan, after_plan; ///< EXPLAIN QUERY PLAN, indented
  std::string plan_note;                            ///< why a plan is missing, "" when none is
};

struct RunPage {
  std::string title, subtitle;
  std::vector<std::pair<std::string, std::string>> facts; ///< name, value
  std::vector<IterationPoint> iterations;
  std::vector<SpeedupPoint> speedups; ///< of each example that has one
  std::vector<std::pair<std::string, std::int64_t>> by_type, by_band, by_rule;
  std::vector<ShownPair> slowest, best;
};

/// uPlot, as scripts/setup.sh installs it.
struct PlotLibrary {
  std::string script, style;
};
/// From the folder of shipped files; nothing when it is not installed.
[[nodiscard]] std::optional<PlotLibrary> find_plot_library();

/// Fills in the plans of a pair on this database; indexes of `after` are built on a private copy.
/// What fails is said in plan_note.
void add_plan(ShownPair& pair, engine::Session& session);

/// The file's bytes. Without a library the page says in place of the plots how to get it.
/// \throws Error{usage} when the shipped template is missing
[[nodiscard]] std::string html(const RunPage& page, const std::optional<PlotLibrary>& library);

} // namespace quill::report
