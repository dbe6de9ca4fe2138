#include "engine/postgres_server.hpp"
#include "rewrite/engine_pairs.hpp"

using namespace quill;
using namespace quill::rewrite;

namespace {

/// Null where no server starts.
engine::Session* store() {
  static const auto session = []() -> std::unique_ptr<engine::Session> {
    const auto* server = engine::test::PostgresServer::instance();
    return server == nullptr ? nullptr
                             : engine::open_postgres_script(
                                   server->connection(),
                                   read_file(shipped_folder() / "gold/schemas/store.postgres.sql"));
  }();
  return session.get();
}

} // namespace

TEST_CASE("on PostgreSQL at least 15 of the published pairs are found by rule", "[rewrite]") {
  if (auto* session = store())
    CHECK(test::count_found(*session) >= 15);
}

TEST_CASE("on PostgreSQL no rule is proposed where it was measured to hurt", "[rewrite]") {
  if (auto* session = store())
    test::check_refusals(*session);
}

TEST_CASE("on PostgreSQL at least 15 pairs found by rule give the same rows faster",
          "[rewrite][slow]") {
  if (auto* session = store())
    CHECK(test::count_paying(*session, 3, 1.05) >= 15);
}
