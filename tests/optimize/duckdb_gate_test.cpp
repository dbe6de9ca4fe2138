#include "optimize/gate_cases.hpp"
#include "quill/optimize/config.hpp"

using namespace quill;
using namespace quill::optimize;
using namespace quill::optimize::test;

TEST_CASE("DuckDB: a right rewrite is proven and timed, a wrong one refused", "[optimize]") {
  const auto session = engine::open_duckdb_script(shop_script());
  check_accepted(*session, patient(OptimizeConfig().judge));
  check_refused(*session, patient(OptimizeConfig().judge), 2);
}

TEST_CASE("DuckDB: wrong rewrites that were published as wins are refused", "[optimize][slow]") {
  const auto session = engine::open_duckdb_script(shop_script());
  check_refused(*session, patient(OptimizeConfig().judge));
}
