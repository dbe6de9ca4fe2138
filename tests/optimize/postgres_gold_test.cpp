#include "engine/postgres_server.hpp"
#include "optimize/gold_fixture.hpp"

using namespace quill;
using namespace quill::optimize::test;

TEST_CASE("every PostgreSQL gold example pays and every regression hurts, with the same rows",
          "[optimize]") {
  const auto* server = engine::test::PostgresServer::instance();
  if (server != nullptr)
    check_known(engine::Engine::postgres, server->connection());
}
