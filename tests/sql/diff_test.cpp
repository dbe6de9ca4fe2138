#include "catch.hpp"

#include <string>

#include "quill/sql/diff.hpp"
#include "quill/sql/parse.hpp"
#include "sql/samples.hpp"

using namespace quill::sql;

namespace {

QueryPtr tree(std::string_view sql) {
  auto query = parse(sql, local_grammar());
  REQUIRE(query.ok());
  return std::move(query).value();
}

std::string changes(std::string_view before, std::string_view after) {
  std::string lines;
  for (const auto& change : diff(*tree(before), *tree(after)))
    lines += to_text(change) + "\n";
  return lines;
}

} // namespace

TEST_CASE("a changed condition is told as what became of it", "[sql]") {
  CHECK(changes("SELECT id FROM orders WHERE strftime('%Y', created_at) = '2023' AND amount > 5",
                "SELECT id FROM orders WHERE created_at >= '2023-01-01' AND created_at < "
                "'2024-01-01' AND amount > 5") ==
        "WHERE: strftime('%Y', created_at) = '2023' became created_at >= '2023-01-01' AND "
        "created_at < '2024-01-01'\n");
}

TEST_CASE("each clause tells its own change, and the order of conjuncts is none", "[sql]") {
  CHECK(changes("SELECT DISTINCT a, b FROM t, u WHERE x = 1 AND y = 2 ORDER BY a LIMIT 5",
                "SELECT b, a FROM t JOIN u ON t.i = u.i WHERE y = 2 AND x = 1 ORDER BY a DESC") ==
        "DISTINCT: DISTINCT removed\n"
        "SELECT: a, b became b, a\n"
        "FROM: , u became JOIN u ON t.i = u.i\n"
        "ORDER BY: a became a DESC\n"
        "LIMIT: 5 removed\n");
  CHECK(changes("SELECT a FROM t GROUP BY a HAVING a > 1 AND count(*) > 2",
                "SELECT a FROM t WHERE a > 1 GROUP BY a HAVING count(*) > 2") ==
        "WHERE: a > 1 added\nHAVING: a > 1 removed\n");
}

TEST_CASE("blocks are compared with their counterparts", "[sql]") {
  CHECK(changes("WITH s AS (SELECT a FROM t) SELECT * FROM s WHERE a IN (SELECT b FROM u)",
                "WITH s AS (SELECT a FROM t WHERE a > 1) SELECT * FROM s WHERE a IN (SELECT b FROM "
                "u WHERE c = 2)") == "subquery 1, WHERE: c = 2 added\nCTE s, WHERE: a > 1 added\n");
  CHECK(changes("SELECT a FROM t WHERE x > (SELECT avg(x) FROM t i WHERE i.g = t.g)",
                "WITH m AS (SELECT g, avg(x) AS v FROM t GROUP BY g) SELECT a FROM t JOIN m ON m.g "
                "= t.g WHERE x > m.v") ==
        "FROM: JOIN m ON m.g = t.g added\n"
        "WHERE: x > (SELECT avg(x) FROM t AS i WHERE i.g = t.g) became x > m.v\n"
        "CTE m: SELECT g, avg(x) AS v FROM t GROUP BY g added\n");
  CHECK(changes("SELECT a FROM t WHERE b = 1 OR c = 2",
                "SELECT a FROM t WHERE b = 1 UNION SELECT a FROM t WHERE c = 2") ==
        "SELECT: a removed\nFROM: t removed\nWHERE: b = 1 OR c = 2 removed\n"
        "set operation: UNION added\n"
        "arm 1: SELECT a FROM t WHERE b = 1 added\narm 2: SELECT a FROM t WHERE c = 2 added\n");
  CHECK(changes("SELECT 1 UNION SELECT 2", "SELECT 1 UNION ALL SELECT 3") ==
        "set operation: UNION became UNION ALL\narm 2, SELECT: 2 became 3\n");
}

TEST_CASE("equal queries have no difference and others always have one", "[sql]") {
  std::vector<QueryPtr> trees;
  for (const auto& sql : test::lines_of("corpus.sql"))
    trees.push_back(tree(sql));
  for (std::size_t i = 0; i < trees.size(); ++i) {
    CHECK(diff(*trees[i], *trees[i]).empty());
    const auto& other = *trees[(i + 1) % trees.size()];
    if (diff(*trees[i], other).empty() != equal(*trees[i], other))
      FAIL_CHECK(print_sqlite(*trees[i]));
  }
}

TEST_CASE("long texts are cut between characters", "[sql]") {
  const Change change{Change::Kind::added, "CTE x", "", "", "aää"};
  CHECK(to_text(change, 2) == "CTE x: a… added");
  CHECK(to_text(change) == "CTE x: aää added");
}
