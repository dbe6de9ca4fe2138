// Pairs that read views are proved on databases that have them.
#include "catch.hpp"

#include "quill/engine/session.hpp"
#include "quill/judge/evaluate.hpp"

using namespace quill;
using namespace quill::judge;

namespace {

constexpr const char* kSchema =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT);"
    "CREATE VIEW known AS SELECT id, a FROM t WHERE b IS NOT NULL;"
    "INSERT INTO t VALUES (1, 3, 'x'), (2, 4, 'y'), (3, NULL, 'x'), (4, 5, 'x');";

Verdict judged(const std::string& before, const std::string& after) {
  const auto session = engine::open_sqlite_script(kSchema);
  JudgeConfig config;
  config.measure = "steps";
  sql::Pair pair;
  pair.before = before;
  pair.after = after;
  return Judge(*session, config).evaluate(pair);
}

} // namespace

TEST_CASE("a right rewrite that reads past a view is proved the same", "[judge]") {
  const auto verdict = judged("SELECT a FROM known WHERE a + 0 > 3",
                              "SELECT a FROM t WHERE b IS NOT NULL AND a > 3");
  CHECK(verdict.reason.empty());
  CHECK(verdict.verdict == "same");
}

TEST_CASE("a rewrite that forgets the view's condition is found, though no row here shows it",
          "[judge]") {
  const auto verdict = judged("SELECT a FROM known WHERE a > 3", "SELECT a FROM t WHERE a > 3");
  CHECK(verdict.verdict == "different");
  REQUIRE(verdict.proof.has_value());
  CHECK(verdict.proof->counterexample.has_value());
}
