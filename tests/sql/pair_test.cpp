#include "catch.hpp"

#include <string>

#include "quill/sql/features.hpp"
#include "quill/sql/pair.hpp"

using namespace quill;
using namespace quill::sql;

namespace {

Features shape(std::string_view text) {
  const auto query = parse(text, local_grammar());
  REQUIRE(query.ok());
  return features(*query.value());
}

std::string type_of(std::string before, std::string_view after, Needs needs = {}) {
  Pair pair;
  pair.before = std::move(before);
  pair.needs = std::move(needs);
  REQUIRE(set_after(pair, after).ok());
  return optimisation_type(pair, local_grammar());
}

} // namespace

TEST_CASE("needs go to JSON and back", "[sql]") {
  const Needs needs{{"id", "name"}, 5};
  CHECK(dump_json(to_json(needs)) == R"({"columns":["id","name"],"top":5})");
  const auto back = needs_from_json(to_json(needs), "here");
  CHECK(back.columns == needs.columns);
  CHECK(back.top == needs.top);
  CHECK(dump_json(to_json(Needs{})) == "{}");
  CHECK(needs_from_json(Json::object(), "here").empty());
}

TEST_CASE("malformed needs name the place", "[sql]") {
  CHECK_THROWS_AS(needs_from_json(Json{{"columms", Json::array()}}, "pairs:3"), Error);
  try {
    (void)needs_from_json(Json{{"top", 0}}, "pairs.jsonl:3");
    FAIL();
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().what == "\"top\" is 0, not a count of rows");
    CHECK(error.text().where == "pairs.jsonl:3");
  }
}

TEST_CASE("CREATE INDEX statements are taken out of after", "[sql]") {
  Pair pair;
  REQUIRE(set_after(pair, "CREATE INDEX i ON t(a); SELECT ';' ; create unique index j on t(b)"));
  CHECK(pair.after == "SELECT ';'");
  CHECK(pair.indexes ==
        std::vector<std::string>{"CREATE INDEX i ON t(a)", "create unique index j on t(b)"});
}

TEST_CASE("an after that is not one statement is a failure, and leaves the pair as it was",
          "[sql]") {
  Pair pair;
  pair.after = "SELECT 0";
  CHECK(set_after(pair, "CREATE INDEX i ON t(a)").failure().what ==
        "no statements beside CREATE INDEX; one is wanted");
  CHECK(set_after(pair, "").failure().what == "no statements beside CREATE INDEX; one is wanted");
  CHECK(set_after(pair, "SELECT 1; SELECT 2").failure().what ==
        "2 statements beside CREATE INDEX; one is wanted");
  CHECK(set_after(pair, "SELECT 'a").failure().what ==
        "string without its closing quote at byte 7");
  CHECK(pair.after == "SELECT 0");
  CHECK(pair.indexes.empty());
}

TEST_CASE("duplicates have one fingerprint, whatever the order and names of their indexes",
          "[sql]") {
  const auto print = [](std::vector<std::string> indexes) {
    return pair_fingerprint("SELECT a FROM t", "SELECT  A from T;", indexes);
  };
  const std::string a = "CREATE INDEX a ON t (x)";
  const std::string b = "CREATE INDEX b ON t (y, z DESC)";
  CHECK(print({a, b}).size() == 16);
  CHECK(print({a, b}) == print({b, a}));
  CHECK(print({a, b}) == print({"CREATE INDEX other ON T(\"X\")", b}));
  CHECK(print({a, a}) == print({a}));
  CHECK(print({a}) != print({b}));
  CHECK(print({a}) != print({}));
  CHECK(pair_fingerprint("SELECT 1", "SELECT 2", {}) !=
        pair_fingerprint("SELECT 2", "SELECT 1", {}));
}

TEST_CASE("the type of an optimisation is found from the pair", "[sql]") {
  CHECK(type_of("SELECT a FROM t", "CREATE INDEX i ON t(a); select a from t") == "indexing");
  CHECK(type_of("SELECT a FROM t WHERE x IN (SELECT y FROM u)",
                "SELECT DISTINCT a FROM t JOIN u ON x = y") == "join");
  CHECK(type_of("SELECT a FROM t WHERE x OR y", "SELECT a FROM t WHERE x UNION SELECT a FROM t "
                                                "WHERE y") == "join");
  CHECK(type_of("SELECT * FROM t", "SELECT a FROM t", {{"a"}, {}}) == "projection");
  CHECK(type_of("SELECT a FROM (SELECT * FROM t)", "SELECT a FROM (SELECT a FROM t)") ==
        "projection");
  CHECK(type_of("SELECT a FROM t", "SELECT a FROM t LIMIT 5", {{}, 5}) == "limit");
  CHECK(
      type_of("SELECT a FROM t ORDER BY b LIMIT 5",
              "SELECT a FROM t WHERE id IN (SELECT id FROM t ORDER BY b LIMIT 5) ORDER BY b LIMIT "
              "5") == "limit");
  CHECK(type_of("SELECT DISTINCT id FROM t", "SELECT id FROM t") == "redundancy");
  CHECK(type_of("SELECT FROM", "SELECT 1") == "redundancy");
}

TEST_CASE("features count what a query is made of", "[sql]") {
  const auto f =
      shape("WITH w AS (SELECT 1) SELECT DISTINCT u.*, count(*), sum(a) OVER () FROM u JOIN o ON "
            "u.id = o.uid, w WHERE lower(u.name) = 'x' AND (a > 1 OR b LIKE 'y%') AND c IN (1, 2) "
            "AND EXISTS (SELECT 1 FROM p WHERE p.id = u.id) GROUP BY d, e ORDER BY f LIMIT 3");
  CHECK(f.blocks == 3); // w, the outermost, EXISTS
  CHECK(f.nesting == 1);
  CHECK(f.joins == 2);
  CHECK(f.tables == 4); // u, o, w, p
  CHECK(f.ctes == 1);
  CHECK(f.subqueries == 1);
  CHECK(f.correlated_hint == 1);
  CHECK(f.aggregates == 1);
  CHECK(f.windows == 1);
  CHECK(f.group_keys == 2);
  CHECK(f.order_keys == 1);
  CHECK(f.conjuncts == 6); // four of WHERE, one of ON, one of the sub-query
  CHECK(f.disjuncts == 1);
  CHECK(f.equalities == 3);
  CHECK(f.ranges == 1);
  CHECK(f.likes == 1);
  CHECK(f.in_lists == 1);
  CHECK(f.function_on_column == 1);
  CHECK(f.stars == 1);
  CHECK(f.distinct == 1);
  CHECK(f.limit == 1);
}

TEST_CASE("similarity is one for equal shapes and falls as they part", "[sql]") {
  const auto a = shape("SELECT a FROM t WHERE b = 1");
  const auto b = shape("SELECT x FROM y WHERE z = 7");
  const auto c = shape("SELECT a, sum(b) OVER w FROM t JOIN u ON 1 GROUP BY a LIMIT 3");
  CHECK(similarity(a, b) == 1);
  CHECK(similarity(a, c) < 0.9);
  CHECK(similarity(a, c) > 0);
  CHECK(similarity(a, c) == Approx(similarity(c, a)));
  CHECK(similarity(Features{}, Features{}) == 1);
  CHECK(similarity(Features{}, a) == 0);
}
