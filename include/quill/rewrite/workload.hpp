// Indexes for several queries together, with what they cost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quill/engine/session.hpp"

namespace quill::rewrite {

struct WorkloadQuery {
  std::string text;
  double weight = 1; ///< how often it runs
};

/// What the set of indexes may cost.
struct WorkloadLimits {
  std::size_t indexes = 5;          ///< at most so many
  std::int64_t bytes = 0;           ///< of all together; 0 = no limit
  double rows_written = 0;          ///< rows inserted into each table for one run of the workload
  std::int64_t timeout_ms = 10'000; ///< for one run of one query
};

/// One chosen index.
struct WorkloadIndex {
  std::string create;               ///< CREATE INDEX …
  std::int64_t bytes = 0;           ///< what it adds to the database
  double build_ms = 0;              ///< CREATE INDEX itself
  double write_us = 0;              ///< a row more: build time over rows, in µs
  double saved_steps = 0;           ///< weighted VM steps it saved when it was chosen
  std::vector<std::size_t> queries; ///< numbers of the queries whose plan uses it
};

struct WorkloadAdvice {
  std::vector<WorkloadIndex> indexes; ///< in the order they were chosen, the best first
  double steps_before = 0;            ///< weighted VM steps of all queries, without them
  double steps_after = 0;             ///< with all of them
  std::vector<std::size_t> left_out;  ///< queries that failed or timed out without indexes
};

/// Greedy: the index that saves most, given those chosen before, as long as it saves more than it
/// costs to write and at least 1 % of the whole. Queries are run (steps are counted, so the answer
/// repeats). An index that a longer chosen one makes superfluous is dropped.
[[nodiscard]] WorkloadAdvice advise_workload(const std::vector<WorkloadQuery>& queries,
                                             engine::Session& session,
                                             const WorkloadLimits& limits = {});

} // namespace quill::rewrite
