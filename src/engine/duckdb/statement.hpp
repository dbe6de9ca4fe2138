// Running foreign statements on DuckDB: once with their rows, or as a timing sample.
#pragma once

#include <string>
#include <string_view>

#include "engine/duckdb/database.hpp"
#include "engine/duckdb/gate.hpp"
#include "engine/protocol.hpp"
#include "engine/worker/engine_service.hpp"

namespace quill::engine::duckdb {

[[nodiscard]] Execution run_statement(const Database& database, const Gate& gate,
                                      const Statement& statement, const SendFrame& send);
[[nodiscard]] Sample sample_statement(const Database& database, const Gate& gate,
                                      const Statement& statement, std::string_view hash_secret);
/// One run whose rows are only hashed. It is planned each time, since DuckDB's plans hold what it
/// knows of the rows, such as that there are none.
[[nodiscard]] Sample hash_statement(const Database& database, const Gate& gate,
                                    const Statement& statement, std::string_view hash_secret);

/// EXPLAIN, or EXPLAIN ANALYZE, as JSON and as lines.
[[nodiscard]] Plan plan_of(const Database& database, const Gate& gate, const Statement& statement,
                           bool analyze);

} // namespace quill::engine::duckdb
