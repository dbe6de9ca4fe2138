#include "rewrite/engine_property.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

/// Every rule of DuckDB finds a statement in the cases.
void check_databases(std::uint64_t databases) {
  std::set<std::string> fired;
  for (std::uint64_t seed = 0; seed < databases; ++seed) {
    const auto script = TypedDatabase(seed).script();
    fired.merge(check_engine_rules(*engine::open_duckdb_script(script), script));
  }
  for (const auto* rule : rules_for(sql::Dialect::duckdb)) {
    INFO(rule->name());
    CHECK(fired.contains(std::string(rule->name())));
  }
}

} // namespace

TEST_CASE("on random DuckDB databases every rule keeps the rows", "[rewrite]") {
  check_databases(3);
}

TEST_CASE("on 24 random DuckDB databases every rule keeps the rows", "[rewrite][slow]") {
  check_databases(24);
}
