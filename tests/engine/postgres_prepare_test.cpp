// Tables put into a server by COPY.
#include "catch.hpp"

#include <fstream>

#include "engine/postgres_server.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/prepare.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::engine;
using quill::engine::test::PostgresServer;
using quill::test::refusal;

namespace {

/// A file of values.
TableFile csv(const ScratchFolder& folder, const std::string& table, const std::string& text) {
  const auto path = folder.path() / (table + ".csv");
  std::ofstream(path) << text;
  return {table, path};
}

} // namespace

TEST_CASE("tables are filled by COPY, an empty value is NULL", "[engine]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const ScratchFolder scratch;
  const Cancel cancel;
  fill_postgres(server->connection(), "CREATE TABLE filled(id INT PRIMARY KEY, name VARCHAR)",
                {csv(scratch, "filled", "1,one\n2,\n3,\"a,b\"\n")}, "ANALYZE filled", cancel);
  CHECK(server->psql("SELECT id, coalesce(name, 'NULL') FROM filled ORDER BY id") ==
        "1|one\n2|NULL\n3|a,b\n");
  (void)server->psql("DROP TABLE filled");
}

TEST_CASE("a row that is refused leaves nothing behind", "[engine]") {
  const auto* server = PostgresServer::instance();
  if (server == nullptr)
    return;
  const ScratchFolder scratch;
  const Cancel cancel;
  const auto refused = refusal(Exit::outside, [&] {
    fill_postgres(server->connection(), "CREATE TABLE twice(id INT PRIMARY KEY)",
                  {csv(scratch, "twice", "1\n1\n")}, "", cancel);
  });
  CHECK(refused.what.find("table twice: duplicate key value") != std::string::npos);
  CHECK(server->psql("SELECT count(*) FROM pg_tables WHERE tablename = 'twice'") == "0\n");
}
