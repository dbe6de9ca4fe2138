// Rows replaced again and again on DuckDB.
#include <csignal>

#include "engine/scratch_cases.hpp"

using namespace quill::engine;
using namespace quill::engine::test;

namespace {

std::unique_ptr<Scratch> scratch() {
  return open_duckdb_scratch(kScratchTables);
}

} // namespace

TEST_CASE("DuckDB: each load replaces the rows", "[engine]") {
  if (const auto session = scratch())
    check_rows_are_replaced(*session);
}

TEST_CASE("DuckDB: rows the schema refuses are left out and told", "[engine]") {
  if (const auto session = scratch())
    check_bad_rows_are_left_out(*session);
}

TEST_CASE("DuckDB: the reversed side has the same rows the other way round", "[engine]") {
  if (const auto session = scratch())
    check_rows_turn_round(*session);
}

TEST_CASE("DuckDB: the rows are there again after the worker died", "[engine]") {
  if (const auto session = scratch())
    check_rows_outlive_the_worker(*session);
}
