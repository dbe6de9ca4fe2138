#include "rewrite/engine_pairs.hpp"

using namespace quill;
using namespace quill::rewrite;

namespace {

engine::Session& store() {
  static const auto session =
      engine::open_duckdb_script(read_file(shipped_folder() / "gold/schemas/store.duckdb.sql"));
  return *session;
}

} // namespace

TEST_CASE("on DuckDB at least 15 of the published pairs are found by rule", "[rewrite]") {
  CHECK(test::count_found(store()) >= 15);
}

TEST_CASE("on DuckDB no rule is proposed where it was measured to hurt", "[rewrite]") {
  test::check_refusals(store());
}

TEST_CASE("on DuckDB at least 15 pairs found by rule give the same rows faster",
          "[rewrite][slow]") {
  CHECK(test::count_paying(store(), 5, 1.05) >= 15);
}
