// quill optimize against a server that does not answer, or does not let us in.
#include "catch.hpp"

#include "engine/postgres_server.hpp"
#include "program.hpp"

using quill::engine::test::PostgresServer;
using quill::test::check_refused;
using quill::test::Shell;

namespace {

struct Asked : Shell {
  Asked() { write("total.sql", "SELECT total(amount) FROM orders"); }
  [[nodiscard]] quill::test::Outcome on(const std::string& connection) const {
    return quill({"optimize", "total.sql", "--engine", "postgres", "--db", connection,
                  "--no-artifacts", "--quiet"});
  }
};

} // namespace

TEST_CASE("optimize: a PostgreSQL server that is down is an error outside", "[cli]") {
  check_refused(Asked().on("host=/nowhere dbname=shop"), 3,
                {"the PostgreSQL server cannot be reached", "check --db"});
}

TEST_CASE("optimize: a wrong password is an error outside, and is not printed", "[cli]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  (void)server->psql("CREATE ROLE locked LOGIN PASSWORD 'right one';");
  (void)server->psql("COPY (VALUES ('local all locked scram-sha-256'), ('local all all trust')) TO "
                     "PROGRAM 'cat > pg_hba.conf'; SELECT pg_reload_conf();");
  const auto outcome = Asked().on(server->connection("locked") + " password=wrong_one");
  check_refused(outcome, 3, {"password authentication failed", "PGPASSWORD"});
  CHECK(outcome.err.find("wrong_one") == std::string::npos);
}

TEST_CASE("optimize: a query in another engine's dialect is told apart by the engine", "[cli]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  (void)server->psql("CREATE TABLE IF NOT EXISTS orders (amount integer);");
  check_refused(Asked().on(server->connection()), 2, {"the query does not run", "total()"});
}
