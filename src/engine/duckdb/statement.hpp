// Running foreign statements on DuckDB: once with their rows, or as a timing sample.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/duckdb/database.hpp"
#include "engine/duckdb/gate.hpp"
#include "engine/protocol.hpp"
#include "engine/worker/engine_service.hpp"

namespace quill::engine::duckdb {

[[nodiscard]] Execution run_statement(const Database& database, const Gate& gate,
                                      const Statement& statement, const SendFrame& send);
[[nodiscard]] Sample sample_statement(const Database& database, const Gate& gate,
                                      const Statement& statement, std::string_view hash_secret);
/// Statements that are asked again and again on other rows: the gate looks at each once. They are
/// planned each time, since DuckDB's plans hold what it knows of the rows, such as that there are
/// none.
class PassedStatements {
 public:
  Sample hash(const Database& database, const Gate& gate, const Statement& statement,
              std::string_view hash_secret);

 private:
  const Verdict& verdict_of(const Gate& gate, const std::string& sql);

  std::unordered_map<std::string, Verdict> verdicts_;
};

/// EXPLAIN, or EXPLAIN ANALYZE, as JSON and as lines.
[[nodiscard]] Plan plan_of(const Database& database, const Gate& gate, const Statement& statement,
                           bool analyze);

} // namespace quill::engine::duckdb
