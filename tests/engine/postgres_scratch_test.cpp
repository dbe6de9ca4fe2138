// Rows replaced again and again on PostgreSQL.
#include <csignal>

#include "engine/postgres_server.hpp"
#include "engine/scratch_cases.hpp"

using namespace quill::engine;
using namespace quill::engine::test;

namespace {

/// Null when there is no server.
std::unique_ptr<Scratch> scratch() {
  auto* server = PostgresServer::instance();
  return server ? open_postgres_scratch(server->connection(), kScratchTables) : nullptr;
}

} // namespace

TEST_CASE("PostgreSQL: each load replaces the rows", "[engine]") {
  if (const auto session = scratch())
    check_rows_are_replaced(*session);
}

TEST_CASE("PostgreSQL: rows the schema refuses are left out and told", "[engine]") {
  if (const auto session = scratch())
    check_bad_rows_are_left_out(*session);
}

TEST_CASE("PostgreSQL: the reversed side has the same rows the other way round", "[engine]") {
  if (const auto session = scratch())
    check_rows_turn_round(*session);
}

TEST_CASE("PostgreSQL: the rows are there again after the worker died", "[engine]") {
  if (const auto session = scratch())
    check_rows_outlive_the_worker(*session);
}
