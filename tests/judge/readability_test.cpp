#include "quill/judge/readability.hpp"

#include "catch.hpp"
#include "quill/judge/reward.hpp"

using namespace quill::judge;

namespace {

Readability judged(const char* before, const char* after) {
  return offline_readability(before, after, quill::sql::local_grammar());
}

const char* kNested =
    "SELECT name FROM users WHERE id IN (SELECT user_id FROM orders WHERE amount > "
    "(SELECT avg(amount) FROM orders o WHERE o.user_id = orders.user_id))";
const char* kFlat = "SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id";

} // namespace

TEST_CASE("less nesting reads better, and says so", "[judge]") {
  const auto found = judged(kNested, kFlat);
  CHECK(found.score > 0.05);
  CHECK(found.reason.find("less ") == 0);
}

TEST_CASE("readability is symmetric: what one direction gains the other loses", "[judge]") {
  CHECK(judged(kFlat, kNested).score == -judged(kNested, kFlat).score);
  CHECK(judged(kFlat, kNested).reason.find("more ") == 0);
}

TEST_CASE("the same statement in another spelling is as readable", "[judge]") {
  CHECK(judged("SELECT a FROM t", "select a\n  from t").score == 0);
}

TEST_CASE("the bonus stays within its bound however much longer a query is", "[judge]") {
  std::string after = "SELECT a FROM t WHERE a = 0";
  for (int i = 1; i < 400; ++i)
    after += (i % 2 == 0 ? " AND a <> " : " AND b <> ") + std::to_string(i);
  const auto found = judged("SELECT a FROM t", after.c_str());
  CHECK(found.score < -0.1);
  CHECK(found.score > -kReadabilityMax);
}

TEST_CASE("a chain of OR reads worse than IN", "[judge]") {
  CHECK(judged("SELECT a FROM t WHERE a = 1 OR a = 2 OR a = 3",
               "SELECT a FROM t WHERE a IN (1, 2, 3)")
            .score > 0);
}

TEST_CASE("a named step reads better than the same nested block", "[judge]") {
  CHECK(judged("SELECT s FROM (SELECT sum(a) AS s FROM (SELECT a FROM t WHERE b > 1) AS x) AS y",
               "WITH x AS (SELECT a FROM t WHERE b > 1) SELECT sum(a) AS s FROM x")
            .score > 0);
}

TEST_CASE("what cannot be read as a tree is not judged", "[judge]") {
  const auto found = judged("SELECT a FROM t", "SELECT FROM WHERE");
  CHECK(found.score == 0);
  CHECK(found.reason == "one of the statements could not be read as a tree");
}
