// Which statements may run on DuckDB: one SELECT, naming only tables of the database and functions
// whose answers depend on their arguments and the rows.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "engine/duckdb/database.hpp"
#include "engine/worker/verdict.hpp"
#include "quill/core/json.hpp"

namespace quill::engine::duckdb {

class Gate {
 public:
  void open(const Database& database);
  /// What passed once is not looked at again: its names mean the same while the database is open.
  [[nodiscard]] Verdict check(const std::string& sql) const;

 private:
  enum class Standing { allowed, forbidden };
  /// Reads from the database which functions and system views this DuckDB has: 20 ms, spent when a
  /// statement names something out of the ordinary.
  void learn() const;
  [[nodiscard]] Verdict check_nested(const std::string& sql, int depth) const;
  [[nodiscard]] Verdict check_count(const std::string& sql) const;
  [[nodiscard]] Verdict check_tree(const Json& tree, int depth) const;
  [[nodiscard]] Verdict check_node(const Json& node, int depth) const;
  [[nodiscard]] Verdict check_function(std::string_view name) const;
  [[nodiscard]] Verdict check_table_function(const Json& function, int depth) const;
  [[nodiscard]] Verdict check_table(const Json& table) const;

  const Database* database_ = nullptr;
  mutable bool learnt_ = false;
  mutable std::unordered_map<std::string, Standing> functions_; ///< scalar, aggregate; lower case
  mutable std::unordered_map<std::string, Standing> table_functions_;
  mutable std::unordered_set<std::string> system_views_; ///< lower case
  mutable std::unordered_set<std::string> passed_;       ///< statements
};

/// What DuckDB's words mean: blocked, error, memory_limit; timeout for an interruption.
[[nodiscard]] Verdict verdict_of(std::string message);

} // namespace quill::engine::duckdb
