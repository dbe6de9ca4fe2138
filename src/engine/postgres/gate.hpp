// Which statements may run on PostgreSQL: one SELECT by its own parser, naming no system table and
// only PostgreSQL's own functions that are not volatile.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/postgres/connection.hpp"
#include "engine/worker/verdict.hpp"
#include "quill/core/json.hpp"

namespace quill::engine::postgres {

class Gate {
 public:
  /// Reads from the server which functions and system tables it has.
  void open(const Connection& connection);
  /// With `tables`, the tables the statement names.
  [[nodiscard]] Verdict check(const std::string& sql, std::vector<std::string>* tables) const;

 private:
  [[nodiscard]] Verdict check_tree(const Json& statement, std::vector<std::string>* tables) const;
  [[nodiscard]] Verdict check_node(const std::string& kind, const Json& node) const;
  [[nodiscard]] Verdict check_function(const Json& call) const;
  [[nodiscard]] Verdict check_table(const Json& table) const;

  std::unordered_set<std::string> functions_;
  std::unordered_set<std::string> system_tables_;
};

} // namespace quill::engine::postgres
