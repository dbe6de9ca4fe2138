// Proofs on temporary tables of a PostgreSQL server.
#include "engine/postgres_server.hpp"
#include "judge/proof_cases.hpp"

using namespace quill::judge;
using namespace quill::judge::test;
using quill::engine::test::PostgresServer;

namespace {

ProofOptions on(const PostgresServer& server) {
  return {.engine = quill::engine::Engine::postgres, .server = server.connection()};
}

} // namespace

TEST_CASE("PostgreSQL: a right rewrite is proved the same, a mistake found", "[judge]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  check_is_the_same(on(*server), kRight[0]);
  check_is_found(on(*server), kMistakes[0]);
}

TEST_CASE("PostgreSQL: all right rewrites are proved the same, all mistakes found",
          "[judge][slow]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  for (const auto& pair : kRight)
    check_is_the_same(on(*server), pair);
  for (const auto& pair : kMistakes)
    check_is_found(on(*server), pair);
}
