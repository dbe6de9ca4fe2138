#include "judge/outline.hpp"

#include "catch.hpp"

using namespace quill::judge;

TEST_CASE("only the outermost ORDER BY makes a list", "[judge]") {
  CHECK(outline("SELECT a FROM t ORDER BY a").ordered);
  CHECK(outline("select a from t order\n by a").ordered);
  CHECK(outline("WITH c AS (SELECT 1) SELECT * FROM c UNION SELECT 2 ORDER BY 1").ordered);
  CHECK_FALSE(outline("SELECT a FROM (SELECT a FROM t ORDER BY a)").ordered);
  CHECK_FALSE(outline("SELECT row_number() OVER (ORDER BY a) FROM t").ordered);
  CHECK_FALSE(outline("SELECT 'x ORDER BY a' FROM t -- ORDER BY a").ordered);
  CHECK_FALSE(outline("SELECT \"order\", by_ FROM t").ordered);
}

TEST_CASE("only the outermost LIMIT cuts the answer", "[judge]") {
  CHECK(outline("SELECT a FROM t LIMIT 5").limited);
  CHECK_FALSE(outline("SELECT (SELECT a FROM t LIMIT 1) FROM t").limited);
  CHECK_FALSE(outline("SELECT \"limit\" FROM t").limited);
}

TEST_CASE("calls that give another answer each time are found by name", "[judge]") {
  CHECK(outline("SELECT random()").volatile_call == "random");
  CHECK(outline("SELECT a FROM t WHERE b < RANDOM ( ) % 5").volatile_call == "random");
  CHECK(outline("SELECT CURRENT_TIMESTAMP").volatile_call == "current_timestamp");
  CHECK(outline("SELECT date('now', '-1 day')").volatile_call == "date");
  CHECK(outline("SELECT strftime('%Y', 'NOW')").volatile_call == "strftime");
  CHECK(outline("SELECT strftime('%Y')").volatile_call == "strftime");
  CHECK(outline("SELECT datetime()").volatile_call == "datetime");
}

TEST_CASE("dates of columns and words in texts are not volatile", "[judge]") {
  CHECK(outline("SELECT date(created_at) FROM t").volatile_call.empty());
  CHECK(outline("SELECT strftime('%Y', created_at) FROM t").volatile_call.empty());
  CHECK(outline("SELECT date FROM t WHERE note = 'random()'").volatile_call.empty());
  CHECK(outline("SELECT \"random\" FROM t").volatile_call.empty());
  CHECK(outline("SELECT date(x), 'now' FROM t").volatile_call.empty());
}

TEST_CASE("sums, averages and divisions compute reals", "[judge]") {
  CHECK(outline("SELECT sum(a) FROM t").computes_reals);
  CHECK(outline("SELECT a / 2 FROM t").computes_reals);
  CHECK_FALSE(outline("SELECT a * 2, count(*), max(b) FROM t").computes_reals);
  CHECK_FALSE(outline("SELECT '1/2' FROM t").computes_reals);
}

TEST_CASE("text that is no SQL is taken for ordered", "[judge]") {
  CHECK(outline("SELECT 'unterminated").ordered);
}
