#include "catch.hpp"

#include <string>
#include <vector>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

using namespace quill::sql;

namespace {

QueryPtr tree(std::string_view sql) {
  auto query = parse(sql, local_grammar());
  REQUIRE(query.ok());
  return std::move(query).value();
}

std::string columns_of(const Query& query, bool into_queries) {
  std::string result;
  walk(
      query,
      [&](const Expr& expr) {
        if (const auto* column = expr.as<Column>())
          result += column->name + " ";
        return Descend::yes;
      },
      into_queries);
  return result;
}

} // namespace

TEST_CASE("conjuncts come in source order, and put together give the same tree", "[sql]") {
  const auto query = tree("SELECT 1 FROM t WHERE a = 1 AND (b = 2 AND c = 3) AND d OR e");
  CHECK(conjuncts(query->select()->where.get()).size() == 1); // OR is on top
  const auto and_query = tree("SELECT 1 FROM t WHERE a AND (b AND c) AND d");
  const auto parts = conjuncts(and_query->select()->where.get());
  REQUIRE(parts.size() == 4);
  CHECK(print_sqlite(*parts[1]) == "b");
  auto owned = split_conjuncts(clone(and_query->select()->where));
  CHECK(print_sqlite(*join_conjuncts(std::move(owned))) == "a AND b AND c AND d");
  CHECK(conjuncts(nullptr).empty());
  CHECK(join_conjuncts({}) == nullptr);
}

TEST_CASE("built expressions print as they would be written", "[sql]") {
  std::vector<ExprPtr> args;
  args.push_back(column("o", "amount"));
  args.push_back(integer(-5));
  CHECK(print_sqlite(*call("COALESCE", std::move(args))) == "coalesce(o.amount, -5)");
  CHECK(print_sqlite(*both(text("it's"), null())) == "'it''s' AND NULL");
  CHECK(print_sqlite(*binary("*", binary("+", integer(1), integer(2)), integer(3))) ==
        "(1 + 2) * 3");
  CHECK(both(nullptr, nullptr) == nullptr);
  CHECK(print_sqlite(*integer(-9'223'372'036'854'775'807 - 1)) == "-9223372036854775808");
}

TEST_CASE("equality forgets the case of names and nothing else", "[sql]") {
  const auto same = [](const char* a, const char* b) { return equal(*tree(a), *tree(b)); };
  CHECK(same("SELECT A FROM T WHERE x = 1", "SELECT a FROM t WHERE X = 1"));
  CHECK_FALSE(same("SELECT 'A'", "SELECT 'a'"));
  CHECK_FALSE(same("SELECT \"A\"", "SELECT \"a\"")); // may be strings
  CHECK_FALSE(same("SELECT a FROM t", "SELECT DISTINCT a FROM t"));
  CHECK_FALSE(same("SELECT a FROM t, u", "SELECT a FROM t CROSS JOIN u"));
  CHECK_FALSE(same("SELECT a - (b - c)", "SELECT a - b - c"));
  CHECK_FALSE(same("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"));
  CHECK_FALSE(same("SELECT 1", "SELECT 1.0"));
}

TEST_CASE("a walk sees every expression once, in source order", "[sql]") {
  const auto query =
      tree("WITH w AS (SELECT c1 FROM t) SELECT c2, f(c3) FILTER (WHERE c4) OVER (PARTITION BY c5 "
           "ORDER BY c6) FROM w JOIN (SELECT c7 FROM t) ON c8 WHERE c9 IN (SELECT c10 FROM t) "
           "GROUP BY c11 HAVING c12 ORDER BY c13 LIMIT 1");
  CHECK(columns_of(*query, true) == "c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12 c13 ");
  CHECK(columns_of(*query, false) == "c2 c3 c4 c5 c6 c8 c9 c11 c12 c13 ");
}

TEST_CASE("a walk may change what it sees", "[sql]") {
  auto query = tree("SELECT a FROM t WHERE a = (SELECT max(a) FROM t)");
  walk(*query, [](Expr& expr) {
    if (auto* column = expr.as<Column>())
      column->name = "b";
    return Descend::yes;
  });
  CHECK(print_sqlite(*query) == "SELECT b FROM t WHERE b = (SELECT max(b) FROM t)");
}

TEST_CASE("query blocks are visited outermost first", "[sql]") {
  const auto query = tree("WITH w AS (SELECT 2) SELECT 1, (SELECT 4) FROM (SELECT 3) WHERE EXISTS "
                          "(SELECT 5 WHERE 1 IN (SELECT 6))");
  std::string seen;
  walk_queries(*query, [&](const Query& block) {
    seen += print_sqlite(*block.select()->items[0].expr) + " ";
  });
  CHECK(seen == "1 2 4 3 5 6 ");
}

TEST_CASE("aggregates, windows and sub-queries are told apart", "[sql]") {
  const auto item = [](const std::string& text) {
    return clone(tree("SELECT " + text + " FROM t")->select()->items[0].expr);
  };
  CHECK(has_aggregate(*item("1 + sum(a)")));
  CHECK(has_aggregate(*item("max(a)")));
  CHECK_FALSE(has_aggregate(*item("max(a, b)")));
  CHECK_FALSE(has_aggregate(*item("sum(a) OVER ()")));
  CHECK(has_aggregate(*item("sum(count(*)) OVER ()")));
  CHECK_FALSE(has_aggregate(*item("(SELECT sum(a) FROM u)")));
  CHECK(has_window(*item("1 + rank() OVER w")));
  CHECK_FALSE(has_window(*item("sum(a)")));
  CHECK(has_subquery(*item("a + (SELECT 1)")));
  CHECK_FALSE(has_subquery(*item("a")));
}

TEST_CASE("queries that do not repeat are volatile", "[sql]") {
  CHECK(is_volatile(*tree("SELECT random()")));
  CHECK(is_volatile(*tree("SELECT a FROM t WHERE a > (SELECT date('now'))")));
  CHECK(is_volatile(*tree("SELECT date()")));
  CHECK(is_volatile(*tree("SELECT strftime('%Y')")));
  CHECK_FALSE(is_volatile(*tree("SELECT date(a), strftime('%Y', a) FROM t")));
}
