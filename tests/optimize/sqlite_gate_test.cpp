#include "optimize/gate_cases.hpp"
#include "quill/optimize/config.hpp"

using namespace quill;
using namespace quill::optimize;
using namespace quill::optimize::test;

TEST_CASE("SQLite: a right rewrite is proven and timed", "[optimize]") {
  const auto session = engine::open_sqlite_script(shop_script());
  check_accepted(*session, OptimizeConfig().judge);
}

TEST_CASE("SQLite: wrong rewrites that were published as wins are refused", "[optimize]") {
  const auto session = engine::open_sqlite_script(shop_script());
  check_refused(*session, OptimizeConfig().judge);
}
