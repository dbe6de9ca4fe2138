#include "catch.hpp"

#include <string>

#include "quill/sql/block_graph.hpp"
#include "quill/sql/parse.hpp"

using namespace quill::sql;

namespace {

/// "cte a(t); query(u)<0": each block with its tables and the blocks it reads.
std::string graph(std::string_view sql, Dialect dialect = Dialect::sqlite) {
  auto query = parse(dialect, sql, local_grammar());
  REQUIRE(query.ok());
  std::string result;
  for (const auto& block : block_graph(*query.value()).blocks) {
    result += (result.empty() ? "" : "; ") + to_text(block) + "(";
    for (const auto& table : block.tables)
      result += (result.back() == '(' ? "" : " ") + table;
    result += ")";
    for (const auto read : block.reads)
      result += "<" + std::to_string(read);
    result += block.recursive ? "*" : "";
  }
  return result;
}

} // namespace

TEST_CASE("a block stands after what it reads, the query last", "[sql]") {
  CHECK(graph("SELECT a FROM t, u, t") == "query(t u)");
  CHECK(graph("WITH a AS (SELECT 1 FROM t), b AS (SELECT 2 FROM a JOIN u) SELECT * FROM b, a") ==
        "CTE a(t); CTE b(u)<0; query()<0<1");
  CHECK(graph("SELECT (SELECT max(x) FROM u) FROM (SELECT * FROM t) d WHERE EXISTS (SELECT 1 FROM "
              "v WHERE v.i IN (SELECT i FROM t))") ==
        "derived table d(t); subquery 1(u); subquery 3(t); subquery 2(v)<2; query()<0<1<3");
}

TEST_CASE("arms are blocks, and each has a query of its own only in parentheses", "[sql]") {
  CHECK(graph("SELECT a FROM t UNION SELECT b FROM u EXCEPT SELECT c FROM (SELECT 1)") ==
        "arm 1(t); arm 2(u); derived table(); arm 3()<2; query()<0<1<3");
  CHECK(graph("(SELECT a FROM t LIMIT 1) UNION ALL SELECT b FROM u", Dialect::postgres) ==
        "arm 1(t); arm 2(u); query()<0<1");
}

TEST_CASE("what reads itself is told and is no edge", "[sql]") {
  CHECK(graph("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT "
              "i FROM n") == "arm 1(); arm 2()*; CTE n()<0<1*; query()<2");
}

TEST_CASE("a CTE hides a table, is found before it stands, and may be read by none", "[sql]") {
  CHECK(graph("WITH t AS (SELECT 1) SELECT * FROM t, main.t") == "CTE t(); query(t)<0");
  CHECK(graph("WITH a AS (SELECT * FROM b), b AS (SELECT 1 FROM t) SELECT * FROM a") ==
        "CTE b(t); CTE a()<0; query()<1");
  CHECK(graph("WITH a AS (SELECT 1 FROM t) SELECT 2") == "CTE a(t); query()");
  CHECK(graph("WITH a AS (SELECT 1) SELECT * FROM (WITH a AS (SELECT 2) SELECT * FROM a) d, a") ==
        "CTE a(); derived table d()<0; CTE a(); query()<1<2");
}
