// Running foreign statements on PostgreSQL: once with their rows, or as a timing sample.
#pragma once

#include <string_view>

#include "engine/postgres/connection.hpp"
#include "engine/postgres/gate.hpp"
#include "engine/protocol.hpp"
#include "engine/worker/engine_service.hpp"

namespace quill::engine::postgres {

/// Through a cursor, so that the server makes no more rows than are taken.
[[nodiscard]] Execution run_statement(const Connection& connection, const Gate& gate,
                                      const Statement& statement, const SendFrame& send);
/// Without one, since a cursor may be planned otherwise; rows are hashed as they come.
[[nodiscard]] Sample sample_statement(const Connection& connection, const Gate& gate,
                                      const Statement& statement, std::string_view hash_secret);
/// EXPLAIN, or EXPLAIN ANALYZE, as JSON and as lines.
[[nodiscard]] Plan plan_of(const Connection& connection, const Gate& gate,
                           const Statement& statement, bool analyze);

} // namespace quill::engine::postgres
