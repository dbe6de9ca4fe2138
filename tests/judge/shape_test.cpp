#include "judge/shape.hpp"

#include "catch.hpp"
#include "judge/tie_rank.hpp"
#include "quill/sql/parse.hpp"

using namespace quill::judge;
namespace sql = quill::sql;

namespace {

sql::Schema schema() {
  sql::Schema out;
  sql::Table table;
  table.name = "t";
  for (const auto* name : {"a", "b", "c"}) {
    sql::ColumnInfo column;
    column.name = name;
    table.columns.push_back(column);
  }
  out.tables.push_back(table);
  return out;
}

std::optional<std::vector<bool>> columns(const char* text) {
  return approximate_columns(*sql::parse(text, sql::local_grammar()).value(), schema());
}

std::optional<std::string> ranked(const char* text) {
  return with_tie_rank(*sql::parse(text, sql::local_grammar()).value(), sql::Dialect::sqlite);
}

using Flags = std::vector<bool>;

} // namespace

TEST_CASE("sums, averages and divisions are approximate; counts, extremes and columns are not",
          "[judge]") {
  CHECK(columns("SELECT a, sum(b), avg(b), total(b), count(*), min(b), max(b), b / 2, b * 2 FROM "
                "t") == Flags{false, true, true, true, false, false, false, true, false});
  CHECK(columns("SELECT round(avg(a), 2), a + sum(b) OVER (ORDER BY c) FROM t") ==
        Flags{true, true});
}

TEST_CASE("an approximate column is followed through derived tables and CTEs", "[judge]") {
  CHECK(columns("SELECT d.s, d.a FROM (SELECT a, sum(b) AS s FROM t GROUP BY a) d") ==
        Flags{true, false});
  CHECK(columns("WITH w(x, y) AS (SELECT a, avg(b) FROM t GROUP BY a) SELECT y, x FROM w") ==
        Flags{true, false});
  CHECK(columns("SELECT max(s) FROM (SELECT sum(b) AS s FROM t GROUP BY a) AS d") == Flags{true});
  CHECK(columns("SELECT a, (SELECT avg(u.b) FROM t u WHERE u.a = t.a) FROM t") ==
        Flags{false, true});
}

TEST_CASE("a star stands for the columns behind it", "[judge]") {
  CHECK(columns("SELECT * FROM t") == Flags{false, false, false});
  CHECK(columns("SELECT d.*, t.a FROM t, (SELECT b / 2 AS h, b FROM t) AS d") ==
        Flags{true, false, false});
}

TEST_CASE("either arm of a compound makes a column approximate", "[judge]") {
  CHECK(columns("SELECT a, b FROM t UNION ALL SELECT a, sum(b) FROM t") == Flags{false, true});
}

TEST_CASE("what only the engine knows is not guessed", "[judge]") {
  CHECK_FALSE(columns("SELECT * FROM a_view").has_value());
  CHECK_FALSE(columns("SELECT x FROM a_view").has_value());
  CHECK_FALSE(columns("SELECT * FROM t JOIN t AS u USING (a)").has_value());
}

TEST_CASE("recursive CTEs nested deep do not take for ever", "[judge]") {
  std::string query = "SELECT 1 AS a";
  for (int i = 0; i < 40; ++i) {
    const auto name = "c" + std::to_string(i);
    query = "WITH RECURSIVE " + name + " AS (" + query + ") SELECT a FROM " + name;
  }
  const auto tree = sql::parse(query, sql::local_grammar());
  if (!tree) {
    WARN("skipped: the parser's caps are stricter");
    return;
  }
  CHECK_FALSE(approximate_columns(*tree.value(), schema()).has_value());
}

TEST_CASE("the order keys become a rank over the query without its order", "[judge]") {
  CHECK(ranked("SELECT a FROM t ORDER BY b DESC LIMIT 3") ==
        "SELECT *, dense_rank() OVER (ORDER BY quill_key_1 DESC) AS quill_rank FROM (SELECT a, b "
        "AS quill_key_1 FROM t) AS quill_rows ORDER BY quill_rank");
}

TEST_CASE("an alias, a position and an equal expression are the column they name", "[judge]") {
  const auto expected = [](const char* name, const char* item) {
    return "SELECT *, dense_rank() OVER (ORDER BY " + std::string(name) +
           ") AS quill_rank FROM (SELECT a, " + item + " FROM t) AS quill_rows ORDER BY quill_rank";
  };
  CHECK(ranked("SELECT a, -b AS n FROM t ORDER BY n") == expected("n", "-b AS n"));
  CHECK(ranked("SELECT a, -b AS n FROM t ORDER BY 2") == expected("n", "-b AS n"));
  CHECK(ranked("SELECT a, -b FROM t ORDER BY -b") ==
        expected("quill_column_2", "-b AS quill_column_2"));
}

TEST_CASE("a plain column that is a key keeps its name", "[judge]") {
  CHECK(ranked("SELECT t.a, t.b FROM t ORDER BY t.b") ==
        "SELECT *, dense_rank() OVER (ORDER BY b) AS quill_rank FROM (SELECT t.a, t.b AS b FROM t) "
        "AS quill_rows ORDER BY quill_rank");
}

TEST_CASE("DISTINCT and UNION take only keys that are columns of the answer", "[judge]") {
  CHECK(ranked("SELECT DISTINCT a FROM t ORDER BY a").has_value());
  CHECK_FALSE(ranked("SELECT DISTINCT a FROM t ORDER BY b").has_value());
  CHECK(ranked("SELECT a FROM t UNION SELECT b FROM t ORDER BY a").has_value());
  CHECK(ranked("SELECT a FROM t UNION SELECT b FROM t ORDER BY 1").has_value());
  CHECK_FALSE(ranked("SELECT a FROM t UNION SELECT b FROM t ORDER BY b").has_value());
}

TEST_CASE("an alias inside a larger order expression could be two things", "[judge]") {
  CHECK_FALSE(ranked("SELECT a AS b FROM t ORDER BY b + 1").has_value());
}
