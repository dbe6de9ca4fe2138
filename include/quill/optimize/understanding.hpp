// What is known of a query before anybody is asked: what it wants, its blocks, what each costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quill/engine/session.hpp"
#include "quill/optimize/plan_nodes.hpp"
#include "quill/sql/block_graph.hpp"
#include "quill/sql/tree.hpp"

namespace quill::optimize {

/// A block of the query: the query itself, a CTE, a derived table, a sub-query, an arm.
struct BlockCost {
  std::string name;                ///< "CTE totals", "query"
  std::vector<std::string> tables; ///< base tables it reads
  std::vector<std::string> blocks; ///< blocks it reads
  std::optional<double> cost = {}; ///< of the block alone, in the unit of the understanding
};

struct Understanding {
  std::string intent; ///< "" when the query is opaque
  std::vector<BlockCost> blocks;
  std::string unit; ///< of the costs: "ms" | "VM steps"
  double total = 0; ///< of the whole query, in that unit
  std::vector<PlanNode> plan;
};
[[nodiscard]] Json to_json(const Understanding& understanding);

/// The blocks, without their costs.
[[nodiscard]] std::vector<BlockCost> blocks_of(const sql::BlockGraph& graph);

/// `tree` is null for an opaque query, of which only the plan is known. `before` is a run of it. On
/// DuckDB and PostgreSQL the query runs once more under EXPLAIN ANALYZE, unless it timed out; on
/// SQLite each block that can stand alone runs alone, its VM steps counted.
[[nodiscard]] Understanding understand(const std::string& statement, const sql::Query* tree,
                                       const engine::Sample& before, engine::Session& session,
                                       const engine::Limits& limits);

/// The blocks as lines for a prompt, what is read before its reader.
[[nodiscard]] std::string blocks_text(const Understanding& understanding);

} // namespace quill::optimize
