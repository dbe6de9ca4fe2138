#include "catch.hpp"

#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::engine;

namespace {
constexpr const char* kTiny = "CREATE TABLE t(id INTEGER PRIMARY KEY, a INTEGER, b TEXT);"
                              "INSERT INTO t VALUES(1,10,'x'),(2,NULL,'y'),(3,30,NULL);";
}

TEST_CASE("a SELECT gives its rows, columns and tables", "[engine]") {
  const auto session = open_sqlite_script(kTiny);
  const auto execution = session->run("SELECT id, a FROM t ORDER BY id", {});
  CHECK(execution.message == "");
  CHECK(execution.status == Status::ok);
  CHECK(execution.columns == std::vector<std::string>{"id", "a"});
  REQUIRE(execution.rows.size() == 3);
  CHECK(execution.rows[1] == Row{std::int64_t{2}, std::monostate{}});
  CHECK(execution.row_count == 3);
  CHECK(execution.tables_read == std::vector<std::string>{"t"});
}
