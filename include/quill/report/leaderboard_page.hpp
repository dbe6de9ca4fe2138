// A suite's leaderboard as one HTML file that needs nothing beside it and loads nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quill/report/run_page.hpp"

namespace quill::report {

struct ShownQuery {
  std::string id, status, by, rules;
  std::optional<double> speedup, before_ms;
  std::optional<std::int64_t> rows;
  bool validated = false;
};

struct StatePoint {
  std::int64_t state = 0, wins = 0, improved = 0, regressions = 0, errors = 0, promoted = 0;
  double geomean = 1;
};

struct LeaderboardPage {
  std::string title, subtitle;
  std::vector<ShownQuery> queries;
  std::vector<StatePoint> states; ///< the oldest first
};

/// The file's bytes. Without a library the page says in place of the plots how to get it.
/// \throws Error{usage} when the shipped template is missing
[[nodiscard]] std::string html(const LeaderboardPage& page,
                               const std::optional<PlotLibrary>& library);

} // namespace quill::report
