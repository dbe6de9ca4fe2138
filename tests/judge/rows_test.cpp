// Same rows or not, on a real database.
#include "judge/rows.hpp"

#include "catch.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/judge/pairs.hpp"

using namespace quill::judge;
using quill::sql::Needs;
using quill::sql::Pair;

namespace {

constexpr const char* kScript = R"(
CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, name TEXT, x REAL);
INSERT INTO t VALUES (1, 1, 'a', 0.1), (2, 1, 'b', 0.2), (3, 2, 'c', 0.7), (4, NULL, 'd', NULL),
                     (5, NULL, 'A', 1.0), (6, 3, 'c ', 1e15);
CREATE TABLE big (n INTEGER, r REAL);
INSERT INTO big VALUES (9007199254740993, 9007199254740992.0), (9223372036854775807, 1.0);
CREATE TABLE empty (a INTEGER, b TEXT);
CREATE TABLE many (id INTEGER PRIMARY KEY, g INTEGER, v REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO many SELECT i, i % 7, i * 0.1 FROM n;
)";

/// One database for all cases: it is never written.
quill::engine::Session& database() {
  static const auto session = quill::engine::open_sqlite_script(kScript);
  return *session;
}

Verdict judged(const std::string& before, const std::string& after, Needs needs = {},
               quill::engine::Session& session = database()) {
  Pair pair;
  pair.id = "p";
  pair.before = before;
  take_after(pair, after);
  pair.needs = std::move(needs);
  JudgeConfig config;
  config.measure = "steps";
  config.trust = "fast"; // what this database says, and nothing beyond
  return Judge(session, config).evaluate(pair);
}

std::string verdict_of(const std::string& before, const std::string& after, Needs needs = {}) {
  const auto verdict = judged(before, after, std::move(needs));
  INFO(before << "\n" << after << "\n" << verdict.reason);
  CHECK(verdict.status == PairStatus::ok);
  // The three ways of saying it agree.
  CHECK(verdict.correct.has_value() == (verdict.verdict != "unknown"));
  CHECK(verdict.correct.value_or(false) == (verdict.verdict == "same"));
  if (verdict.verdict == "different") {
    CHECK(verdict.reward == 0.0);
    CHECK_FALSE(verdict.reason.empty());
  }
  return verdict.verdict;
}

} // namespace

TEST_CASE("a query is the same as itself", "[judge]") {
  CHECK(verdict_of("SELECT * FROM t", "SELECT * FROM t") == "same");
  CHECK(verdict_of("SELECT * FROM t ORDER BY k", "SELECT * FROM t ORDER BY k") == "same");
}

TEST_CASE("without ORDER BY the order of rows does not count", "[judge]") {
  CHECK(verdict_of("SELECT name FROM t", "SELECT name FROM t ORDER BY name DESC") == "same");
}

TEST_CASE("with ORDER BY only rows that tie may swap", "[judge]") {
  CHECK(verdict_of("SELECT name FROM t ORDER BY k", "SELECT name FROM t ORDER BY k, id DESC") ==
        "same");
  CHECK(verdict_of("SELECT name FROM t ORDER BY k", "SELECT name FROM t ORDER BY k DESC") ==
        "different");
  // Here they come in that order, which proves nothing.
  CHECK(verdict_of("SELECT name FROM t ORDER BY id", "SELECT name FROM t") == "unknown");
  CHECK(verdict_of("SELECT name FROM t ORDER BY name", "SELECT name FROM t ORDER BY id") ==
        "different");
}

TEST_CASE("ties follow the collation of the order key", "[judge]") {
  // 'a' and 'A' tie under NOCASE; in BINARY they do not.
  CHECK(verdict_of("SELECT id FROM t WHERE id IN (1, 5) ORDER BY name COLLATE NOCASE",
                   "SELECT id FROM t WHERE id IN (1, 5) ORDER BY id DESC") == "same");
  CHECK(verdict_of("SELECT id FROM t WHERE id IN (1, 5) ORDER BY name",
                   "SELECT id FROM t WHERE id IN (1, 5) ORDER BY id") == "different");
}

TEST_CASE("NULLs come first unless the order says last", "[judge]") {
  CHECK(verdict_of("SELECT id, k FROM t ORDER BY k, id",
                   "SELECT id, k FROM t ORDER BY k NULLS LAST, id") == "different");
  CHECK(verdict_of("SELECT id, k FROM t ORDER BY k, id",
                   "SELECT id, k FROM t ORDER BY k NULLS FIRST, id") == "same");
}

TEST_CASE("duplicates count", "[judge]") {
  CHECK(verdict_of("SELECT k FROM t", "SELECT DISTINCT k FROM t") == "different");
  CHECK(verdict_of("SELECT k FROM t UNION ALL SELECT k FROM t",
                   "SELECT k FROM t CROSS JOIN (SELECT 1 AS one UNION ALL SELECT 2)") == "same");
}

TEST_CASE("1 equals 1.0 and not '1'", "[judge]") {
  CHECK(verdict_of("SELECT count(*) FROM t", "SELECT count(*) * 1.0 FROM t") == "same");
  CHECK(verdict_of("SELECT id FROM t", "SELECT CAST(id AS TEXT) FROM t") == "different");
}

TEST_CASE("a sum may differ in its last digits, a stored real may not", "[judge]") {
  // 0.1 + 0.2 + 0.7 depends on the order of adding; 0.2 + 0.1 = 0.30000000000000004.
  CHECK(verdict_of("SELECT sum(x) FROM t WHERE id < 3", "SELECT 0.3 + min(id) * 0 FROM t") ==
        "same");
  CHECK(verdict_of("SELECT x + 0.2 FROM t WHERE id = 1",
                   "SELECT 0.3 + id * 0 FROM t WHERE id = 1") == "different");
  CHECK(verdict_of("SELECT k, avg(x) FROM t GROUP BY k",
                   "SELECT k, avg(x) + 1e-17 FROM t GROUP BY k") == "same");
  CHECK(verdict_of("SELECT k, avg(x) FROM t GROUP BY k",
                   "SELECT k, avg(x) * 1.0001 FROM t GROUP BY k") == "different");
}

TEST_CASE("sums are matched within their group in lists and bags", "[judge]") {
  CHECK(verdict_of("SELECT g, sum(v) AS s FROM many GROUP BY g ORDER BY g",
                   "SELECT g, sum(v) AS s FROM (SELECT g, v FROM many WHERE id > 1500 UNION ALL "
                   "SELECT g, v FROM many WHERE id <= 1500) AS m GROUP BY g ORDER BY g") == "same");
  CHECK(verdict_of("SELECT g, sum(v) AS s FROM many GROUP BY g",
                   "SELECT 6 - g, sum(v) AS s FROM many GROUP BY g") == "different");
}

TEST_CASE("text keeps its trailing blank", "[judge]") {
  CHECK(verdict_of("SELECT name FROM t WHERE id = 3", "SELECT name FROM t WHERE id = 6") ==
        "different");
  CHECK(verdict_of("SELECT name FROM t WHERE id = 6", "SELECT rtrim(name) FROM t WHERE id = 6") ==
        "different");
}

TEST_CASE("integers beyond 2^53 are not rounded", "[judge]") {
  CHECK(verdict_of("SELECT n FROM big WHERE r > 2", "SELECT r FROM big WHERE r > 2") ==
        "different");
  CHECK(verdict_of("SELECT n - 1 FROM big WHERE r > 2", "SELECT r FROM big WHERE r > 2") == "same");
}

TEST_CASE("empty answers with as many columns are equal", "[judge]") {
  CHECK(verdict_of("SELECT a, b FROM empty", "SELECT b, a FROM empty WHERE a > 1") == "same");
  const auto verdict = judged("SELECT a, b FROM empty", "SELECT a FROM empty");
  CHECK(verdict.verdict == "different");
  CHECK(verdict.reason == "before has 2 columns, after 1");
}

TEST_CASE("an order key that is not in the answer still tells ties", "[judge]") {
  CHECK(verdict_of("SELECT name FROM t WHERE id < 4 ORDER BY k",
                   "SELECT name FROM t WHERE id < 4 ORDER BY k, name DESC") == "same");
  CHECK(verdict_of("SELECT count(*) FROM many GROUP BY g ORDER BY g % 2",
                   "SELECT count(*) FROM many GROUP BY g ORDER BY g % 2, g DESC") == "same");
}

TEST_CASE("a tie cut by LIMIT may give any of its rows", "[judge]") {
  CHECK(verdict_of("SELECT id FROM many ORDER BY g LIMIT 5",
                   "SELECT id FROM many ORDER BY g, id DESC LIMIT 5") == "same");
  CHECK(verdict_of("SELECT id FROM many ORDER BY g LIMIT 5",
                   "SELECT id FROM many ORDER BY g DESC LIMIT 5") == "different");
  CHECK(verdict_of("SELECT id FROM many ORDER BY g LIMIT 5 OFFSET 427",
                   "SELECT id FROM many ORDER BY g, id DESC LIMIT 5 OFFSET 427") == "same");
  CHECK(verdict_of("SELECT id FROM many ORDER BY g LIMIT 5",
                   "SELECT id FROM many ORDER BY g LIMIT 4") == "different");
}

TEST_CASE("DISTINCT and UNION with ties are compared by their own columns", "[judge]") {
  CHECK(verdict_of("SELECT DISTINCT g, v > 1 AS f FROM many ORDER BY g",
                   "SELECT g, v > 1 FROM many GROUP BY 1, 2 ORDER BY 1, 2 DESC") == "same");
  CHECK(verdict_of("SELECT k, name FROM t UNION SELECT k, name FROM t ORDER BY k",
                   "SELECT k, name FROM t ORDER BY k, name DESC") == "same");
}

TEST_CASE("LIMIT without ORDER BY is the engine's choice", "[judge]") {
  const auto equal = judged("SELECT id FROM t LIMIT 2", "SELECT id FROM t ORDER BY id LIMIT 2");
  CHECK(equal.verdict == "same");
  CHECK(equal.reason.find("LIMIT without ORDER BY") == 0);
  const auto other =
      judged("SELECT id FROM t LIMIT 2", "SELECT id FROM t ORDER BY id DESC LIMIT 2");
  CHECK(other.verdict == "unknown");
  CHECK(other.reason.find("LIMIT without ORDER BY") == 0);
  CHECK_FALSE(other.reward.has_value());
  CHECK(verdict_of("SELECT id FROM t LIMIT 2", "SELECT id FROM t LIMIT 3") == "different");
}

TEST_CASE("needed columns are found by name, the others do not count", "[judge]") {
  const Needs needs{.columns = {"id", "Name"}, .top = std::nullopt};
  CHECK(verdict_of("SELECT * FROM t", "SELECT name, id FROM t", needs) == "same");
  CHECK(verdict_of("SELECT * FROM t", "SELECT name, id + 1 AS id FROM t", needs) == "different");
  const auto missing = judged("SELECT * FROM t", "SELECT name FROM t", needs);
  CHECK(missing.verdict == "different");
  CHECK(missing.reason == "the needed column \"id\" is not in after's answer (name)");
}

TEST_CASE("needed columns of a list keep their order and its ties", "[judge]") {
  const Needs name{.columns = {"name"}, .top = std::nullopt};
  const Needs twice{.columns = {"k", "k"}, .top = std::nullopt};
  CHECK(verdict_of("SELECT * FROM t ORDER BY k", "SELECT name FROM t ORDER BY k, id DESC", name) ==
        "same");
  CHECK(verdict_of("SELECT name, k FROM t ORDER BY k, name",
                   "SELECT name FROM t ORDER BY k DESC, name", name) == "different");
  CHECK(verdict_of("SELECT * FROM t JOIN many m ON m.id = t.id ORDER BY m.g",
                   "SELECT name FROM t JOIN many m ON m.id = t.id ORDER BY m.g", name) == "same");
  CHECK(verdict_of("SELECT k, name FROM t", "SELECT k, id FROM t ORDER BY id DESC", twice) ==
        "same");
  CHECK(verdict_of("SELECT k, name FROM t", "SELECT id, name FROM t", twice) == "different");
}

TEST_CASE("a needed column may be the text of an expression", "[judge]") {
  const Needs count{.columns = {"count(*)"}, .top = std::nullopt};
  CHECK(verdict_of("SELECT g, count( * ), count(*) FROM many GROUP BY g ORDER BY g DESC",
                   "SELECT count(*) FROM many GROUP BY g ORDER BY g DESC", count) == "same");
  CHECK(verdict_of("SELECT g, count(*) FROM many GROUP BY g",
                   "SELECT count(*) FROM many GROUP BY g ORDER BY g DESC", count) == "same");
}

TEST_CASE("needed columns fall back to their position when there are as many", "[judge]") {
  const Needs needs{.columns = {"name"}, .top = std::nullopt};
  CHECK(verdict_of("SELECT id, name FROM t", "SELECT 0, name || '' FROM t", needs) == "same");
}

TEST_CASE("a needed column that before does not have cannot be judged", "[judge]") {
  const auto verdict =
      judged("SELECT id FROM t", "SELECT name FROM t", {.columns = {"nme"}, .top = std::nullopt});
  CHECK(verdict.verdict == "unknown");
  CHECK(verdict.reason == "the needed column \"nme\" is not in before's answer (id)");
}

TEST_CASE("a needed top of a list is its first rows", "[judge]") {
  const Needs top{.columns = {}, .top = 3};
  CHECK(verdict_of("SELECT id FROM t ORDER BY id", "SELECT id FROM t ORDER BY id LIMIT 3", top) ==
        "same");
  CHECK(verdict_of("SELECT id FROM t ORDER BY id", "SELECT id FROM t ORDER BY id LIMIT 2", top) ==
        "different");
  CHECK(verdict_of("SELECT id FROM t ORDER BY id", "SELECT id FROM t ORDER BY id DESC LIMIT 3",
                   top) == "different");
  // A tie at the cut.
  CHECK(verdict_of("SELECT id FROM many ORDER BY g",
                   "SELECT id FROM many ORDER BY g, id DESC LIMIT 3", top) == "same");
}

TEST_CASE("a needed top of a bag may be any of its rows", "[judge]") {
  const Needs top{.columns = {}, .top = 2};
  CHECK(verdict_of("SELECT id FROM t", "SELECT id FROM t ORDER BY id DESC LIMIT 2", top) == "same");
  CHECK(verdict_of("SELECT id FROM t", "SELECT id + 100 FROM t LIMIT 2", top) == "different");
  CHECK(verdict_of("SELECT id FROM t WHERE id = 1", "SELECT id FROM t WHERE id = 1 LIMIT 2", top) ==
        "same");
}

TEST_CASE("columns and top may be needed together", "[judge]") {
  const Needs needs{.columns = {"name"}, .top = 2};
  CHECK(verdict_of("SELECT * FROM t ORDER BY id", "SELECT name FROM t ORDER BY id LIMIT 2",
                   needs) == "same");
  CHECK(verdict_of("SELECT * FROM t ORDER BY id", "SELECT name FROM t ORDER BY id DESC LIMIT 2",
                   needs) == "different");
}

TEST_CASE("an index changes the time, not the rows, and is gone for the next pair", "[judge]") {
  const auto verdict = judged("SELECT count(*) FROM many WHERE g = 3",
                              "CREATE INDEX i ON many(g); SELECT count(*) FROM many WHERE g = 3");
  CHECK(verdict.verdict == "same");
  CHECK(*verdict.after_steps < *verdict.before_steps);
  CHECK(verdict.significant);
  CHECK(verdict.type == "indexing");
  CHECK(verdict.kept);
  const auto next =
      judged("SELECT count(*) FROM many WHERE g = 3", "SELECT count(*) FROM many WHERE g = 3");
  CHECK(next.speedup == 1.0);
  CHECK(next.before_steps == verdict.before_steps);
  CHECK_FALSE(next.kept);
}

TEST_CASE("an index that cannot be built fails after", "[judge]") {
  for (const auto* index : {"CREATE INDEX i ON many(nope)", "CREATE INDEX i ON nowhere(g)",
                            "CREATE UNIQUE INDEX i ON many(g, id) WHERE nope"}) {
    const auto verdict = judged("SELECT count(*) FROM many", index);
    CHECK(verdict.status == PairStatus::after_failed);
    CHECK(verdict.reason.find("index: ") == 0);
    CHECK(verdict.reward == 0.0);
  }
}

TEST_CASE("two statements, a write and an unknown name are blocked in after", "[judge]") {
  for (const auto* after :
       {"SELECT 1; SELECT 2", "DELETE FROM t", "SELECT nope FROM t", "SELEC id FROM t"}) {
    const auto verdict = judged("SELECT id FROM t", after);
    INFO(after);
    CHECK(verdict.status == PairStatus::blocked);
    CHECK(verdict.reward == 0.0);
    CHECK_FALSE(verdict.kept);
    CHECK_FALSE(verdict.correct.has_value());
  }
  // The database was not touched.
  CHECK(verdict_of("SELECT count(*) FROM t", "SELECT 6 + min(0 * id) FROM t") == "same");
}

TEST_CASE("an error at run time names its side", "[judge]") {
  const std::string overflow = "SELECT sum(n) FROM (SELECT n FROM big UNION ALL SELECT n FROM big)";
  const auto before = judged(overflow, "SELECT 1 FROM big");
  CHECK(before.status == PairStatus::before_failed);
  CHECK(before.reason == "before: error: integer overflow");
  const auto after = judged("SELECT total(n) FROM big", overflow);
  CHECK(after.status == PairStatus::after_failed);
  CHECK(after.reason == "after: error: integer overflow");
}

TEST_CASE("a query that never ends is a timeout, on either side", "[judge]") {
  const std::string endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n, t";
  Pair pair;
  pair.before = "SELECT max(id) FROM t";
  pair.after = endless;
  JudgeConfig config;
  config.measure = "steps";
  config.timeout_ms = 20; // 1,000,000 steps
  const auto after = Judge(database(), config).evaluate(pair);
  CHECK(after.status == PairStatus::timeout);
  CHECK(after.reward == 0.0);
  std::swap(pair.before, pair.after);
  const auto before = Judge(database(), config).evaluate(pair);
  CHECK(before.status == PairStatus::timeout);
  CHECK_FALSE(before.reward.has_value());
  CHECK_FALSE(before.correct.has_value());
}

TEST_CASE("rows beyond what may be held are proven different by their hashes alone", "[judge]") {
  auto& session = database();
  const quill::engine::Limits limits{
      .rows = 0, .timeout_ms = 10'000, .memory_mb = 256, .result_mb = 0, .steps = 0};
  const auto finding = [&](const std::string& before, const std::string& after) {
    const auto b = session.sample(before, limits);
    const auto a = session.sample(after, limits);
    const Needs needs;
    return compare_rows(session,
                        {.before = {before, quill::engine::Side::base},
                         .after = {after, quill::engine::Side::base},
                         .before_sample = b,
                         .after_sample = a,
                         .needs = needs,
                         .outline = outline(before),
                         .limits = limits},
                        1000);
  };
  const auto exact = finding("SELECT id FROM many", "SELECT id + 1 FROM many");
  CHECK(exact.sameness == Sameness::different);
  CHECK(exact.reason == "the rows differ (too many to show where)");
  const auto counts =
      finding("SELECT id FROM many ORDER BY id", "SELECT id FROM many WHERE id > 1");
  CHECK(counts.sameness == Sameness::different);
  CHECK(counts.reason == "before gives 3000 rows, after 2999");
  const auto loose = finding("SELECT v / 3 FROM many", "SELECT v / 3 + 1e-18 FROM many WHERE 1");
  CHECK(loose.sameness != Sameness::different);
}

TEST_CASE("the same pair under --measure steps gives the same verdict byte for byte", "[judge]") {
  const auto once = [] {
    const auto session = quill::engine::open_sqlite_script(kScript);
    return to_json(judged("SELECT g, sum(v) FROM many GROUP BY g ORDER BY 2 DESC",
                          "CREATE INDEX i ON many(g, v); SELECT g, sum(v) FROM many GROUP BY g "
                          "ORDER BY 2 DESC",
                          {}, *session))
        .dump();
  };
  CHECK(once() == once());
}

TEST_CASE("on the clock a faster query is significant and the samples are real", "[judge][slow]") {
  Pair pair;
  pair.before = "SELECT count(*) FROM many a JOIN many b ON a.g = b.g";
  pair.after = "SELECT sum(c * c) FROM (SELECT count(*) AS c FROM many GROUP BY g) AS m";
  const auto verdict = Judge(database(), {}).evaluate(pair);
  CHECK(verdict.verdict == "same");
  REQUIRE(verdict.speedup.has_value());
  CHECK(*verdict.speedup > 5);
  CHECK(verdict.significant);
  CHECK(verdict.kept);
  CHECK(verdict.engine_ms > *verdict.before_ms);
}
