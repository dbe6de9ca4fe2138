#include "optimize/gold_fixture.hpp"

using namespace quill;
using namespace quill::optimize::test;

TEST_CASE("every DuckDB gold example pays and every regression hurts, with the same rows",
          "[optimize]") {
  check_known(engine::Engine::duckdb);
}
