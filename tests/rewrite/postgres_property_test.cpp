#include "engine/postgres_server.hpp"
#include "rewrite/engine_property.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

/// Every rule of PostgreSQL finds a statement in the cases.
void check_databases(std::uint64_t databases) {
  const auto* server = engine::test::PostgresServer::instance();
  if (server == nullptr)
    return;
  std::set<std::string> fired;
  for (std::uint64_t seed = 0; seed < databases; ++seed) {
    const auto script = TypedDatabase(seed).script();
    const auto session = engine::open_postgres_script(server->connection(), script);
    fired.merge(check_engine_rules(*session, script));
  }
  for (const auto* rule : rules_for(sql::Dialect::postgres)) {
    INFO(rule->name());
    CHECK(fired.contains(std::string(rule->name())));
  }
}

} // namespace

TEST_CASE("on random PostgreSQL databases every rule keeps the rows", "[rewrite]") {
  check_databases(3);
}

TEST_CASE("on 24 random PostgreSQL databases every rule keeps the rows", "[rewrite][slow]") {
  check_databases(24);
}
