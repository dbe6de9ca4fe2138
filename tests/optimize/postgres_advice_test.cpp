// Index advice where nothing may be built: a server's planner is asked about indexes that are not
// there.
#include "engine/postgres_server.hpp"
#include "quill/rewrite/rule.hpp"

using namespace quill;
using quill::engine::test::PostgresServer;

namespace {

constexpr const char* kQuery = "SELECT total FROM bills WHERE customer = 7";

/// A database of its own: 20,000 bills of 2,000 customers, with or without the extension.
std::string database(const PostgresServer& server, const std::string& name, bool with_hypopg) {
  (void)server.psql("CREATE DATABASE " + name);
  (void)server.psql("\\c " + name +
                    "\nCREATE TABLE bills(id int PRIMARY KEY, customer int NOT NULL, total int);"
                    "INSERT INTO bills SELECT i, i % 2000, i % 97 FROM generate_series(1, 20000) i;"
                    "ANALYZE bills;" +
                    (with_hypopg ? "CREATE EXTENSION hypopg;" : ""));
  return server.connection("postgres", name);
}

Result<rewrite::SupposedIndexes> advice(engine::Session& session, const char* query) {
  return rewrite::suppose_indexes(rewrite::make_subject(query, session), session);
}

} // namespace

TEST_CASE("PostgreSQL: an index that would be searched is advised, and none is made",
          "[optimize]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const auto session = engine::open_postgres(database(*server, "supposing", true));
  const auto found = advice(*session, kQuery);
  REQUIRE(found.ok());
  REQUIRE(found.value().indexes.size() == 1);
  CHECK(found.value().indexes.front().find("ON bills(customer") != std::string::npos);
  // 10 rows by an index in place of a scan over 20,000
  CHECK(found.value().cost_after * 10 < found.value().cost_before);
  CHECK(found.value().explanation.find("The index idx_bills_customer") == 0);
  CHECK(session->plan(kQuery).indexes_used.empty());
  CHECK(server->psql("\\c supposing\nSELECT count(*) FROM pg_indexes WHERE tablename = 'bills'") ==
        "1\n"); // its primary key's
}

TEST_CASE("PostgreSQL: a plan with supposed indexes calls them by their names", "[optimize]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const auto session = engine::open_postgres(database(*server, "naming", true));
  const auto plan = session->suppose(kQuery, {"CREATE INDEX \"by \"\"who\" ON bills(customer)"});
  CHECK(plan.message.empty());
  CHECK(plan.indexes_used == std::vector<std::string>{"by \"who"});
  CHECK(plan.json.find("btree_bills") == std::string::npos);
  CHECK(session->suppose(kQuery, {}).indexes_used.empty()); // the last supposition is forgotten
  const auto absent = session->suppose(kQuery, {"CREATE INDEX i ON nowhere(customer)"});
  CHECK(!absent.ok);
  CHECK(absent.message.find("nowhere") != std::string::npos);
  const auto hostile = session->suppose(kQuery, {"DROP TABLE bills"});
  CHECK(!hostile.ok);
  CHECK(session->run("SELECT count(*) FROM bills", {}).status == engine::Status::ok);
}

TEST_CASE("PostgreSQL: no index is advised that would not halve the cost", "[optimize]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const auto session = engine::open_postgres(database(*server, "scanning", true));
  const auto found = advice(*session, "SELECT sum(total * customer + id) FROM bills");
  REQUIRE(found.ok());
  CHECK(found.value().indexes.empty());
  CHECK(found.value().cost_after == found.value().cost_before);
}

TEST_CASE("PostgreSQL: advice says what the database lacks for it", "[optimize]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const auto session = engine::open_postgres(database(*server, "lacking", false));
  const auto found = advice(*session, kQuery);
  REQUIRE(!found.ok());
  CHECK(found.failure().what ==
        "the database has no extension hypopg (CREATE EXTENSION hypopg makes it)");
}
