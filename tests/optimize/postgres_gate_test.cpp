#include "engine/postgres_server.hpp"
#include "optimize/gate_cases.hpp"
#include "quill/optimize/config.hpp"

using namespace quill;
using namespace quill::optimize;
using namespace quill::optimize::test;
using quill::engine::test::PostgresServer;

namespace {

judge::JudgeConfig on(const PostgresServer& server) {
  auto config = patient(OptimizeConfig().judge);
  config.server = server.connection();
  return config;
}

} // namespace

TEST_CASE("PostgreSQL: a right rewrite is proven and timed, a wrong one refused", "[optimize]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const auto session = engine::open_postgres_script(server->connection(), shop_script());
  check_accepted(*session, on(*server));
  check_refused(*session, on(*server), 2);
}

TEST_CASE("PostgreSQL: wrong rewrites that were published as wins are refused",
          "[optimize][slow]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const auto session = engine::open_postgres_script(server->connection(), shop_script());
  check_refused(*session, on(*server));
}
