// Several queries together: which cost most, and a set of indexes for all of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"
#include "quill/rewrite/workload.hpp"

namespace quill::optimize {

/// A script of statements; a line "-- weight: 20" above one says how often it runs.
/// \throws Error{usage} naming `where`
[[nodiscard]] std::vector<rewrite::WorkloadQuery> parse_workload(std::string_view script,
                                                                 const std::string& where);

struct RankedQuery {
  std::size_t number = 0; ///< in the script, from 1
  std::string text;
  double weight = 1;
  std::string status = {}; ///< of its run: ok, timeout, blocked, …
  std::string message = {};
  std::optional<double> ms = {}, steps = {}; ///< of one run
};

struct WorkloadReport {
  std::vector<RankedQuery> queries; ///< the most expensive first: weight times ms
  double total_ms = 0;              ///< weighted
  rewrite::WorkloadAdvice advice;   ///< empty where indexes cannot be tried (SQLite alone can)
};
[[nodiscard]] Json to_json(const WorkloadReport& report);

/// Each query runs once for its place, then as often as the indexes are tried.
[[nodiscard]] WorkloadReport optimize_workload(const std::vector<rewrite::WorkloadQuery>& queries,
                                               engine::Session& session,
                                               const rewrite::WorkloadLimits& limits);

} // namespace quill::optimize
