// Rewritten queries: what counts, and that it is counted right.
#include "catch.hpp"

#include <cmath>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/alter.hpp"
#include "quill/eval/rewrites.hpp"

using namespace quill;
using namespace quill::eval;

namespace {

/// One database with a table of 500 rows, and three slow queries over it.
class Desk {
 public:
  Desk() {
    real_disk().write_atomic(at("empty.sqlite"), "");
    engine::alter_copy(at("empty.sqlite"), at("d.sqlite"),
                       "CREATE TABLE t(id INTEGER PRIMARY KEY, k INTEGER NOT NULL); WITH RECURSIVE "
                       "r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r WHERE i < 500) INSERT INTO t "
                       "SELECT i, i % 50 FROM r");
    std::string lines;
    for (const char* id : {"a", "b", "c"})
      lines += dump_json(Json{{"id", id}, {"database", "d"}, {"before", kSlow}}) + "\n";
    real_disk().write_atomic(at("queries.jsonl"), lines);
    config.queries = at("queries.jsonl");
    config.databases = folder_.path();
    config.judge.measure = "steps";
    config.judge.trust = "fast";
  }
  [[nodiscard]] std::filesystem::path at(const std::string& name) const {
    return folder_.path() / name;
  }
  [[nodiscard]] RewriteTotals
  scored(const std::vector<std::pair<std::string, std::string>>& lines) {
    std::string text;
    for (const auto& [id, after] : lines)
      text += dump_json(Json{{"id", id}, {"after", after}}) + "\n";
    real_disk().write_atomic(at("answers.jsonl"), text);
    const auto queries = read_slow_queries(config);
    return totals_of("predictions", config,
                     score_rewrites(config, queries, read_rewrites(at("answers.jsonl"), queries),
                                    Cancel{}, [] {}));
  }
  static constexpr const char* kSlow =
      "SELECT COUNT(*) FROM t x JOIN t y ON x.id + 0 = y.id + 0 WHERE y.k = 7";
  RewriteEvalConfig config;

 private:
  ScratchFolder folder_{"quill-rewrites"};
};

} // namespace

TEST_CASE("a query without a right answer counts as one time as fast", "[eval]") {
  Desk desk;
  // right and faster; wrong; no answer
  const auto totals = desk.scored({{"a", "SELECT COUNT(*) FROM t WHERE k = 7"}, {"b", "SELECT 1"}});
  CHECK(totals.queries == 3);
  CHECK(totals.answered == Approx(200.0 / 3));
  CHECK(totals.correct == Approx(100.0 / 3));
  CHECK(totals.improved == Approx(100.0 / 3));
  CHECK(totals.regressions == 0);
  CHECK(totals.diversity == 100);
  CHECK(totals.median == 1);
  CHECK(totals.geomean > 1);
  // the cube root of one speedup, and a third of what is above 1 of it
  CHECK(totals.capped_mean == Approx((2 + std::min(10.0, std::pow(totals.geomean, 3))) / 3));
}

TEST_CASE("the same answer to all is not diverse", "[eval]") {
  Desk desk;
  const std::string answer = "SELECT COUNT(*) FROM t WHERE k = 7";
  const auto totals = desk.scored({{"a", answer}, {"b", answer}, {"c", answer}});
  CHECK(totals.correct == 100);
  CHECK(totals.diversity == Approx(100.0 / 3));
  CHECK(totals.practical == 100);
}

TEST_CASE("an index that takes too long to build is not practical", "[eval]") {
  judge::Verdict verdict;
  verdict.correct = true;
  verdict.significant = true;
  verdict.speedup = 3;
  verdict.index_build_ms = 50;
  const std::vector<RewriteScore> scores = {
      {.id = "a", .candidate = task::Candidate{}, .verdict = verdict}};
  RewriteEvalConfig config;
  config.index_cost_ms = 50;
  CHECK(totals_of("x", config, scores).practical == 100);
  config.index_cost_ms = 49;
  CHECK(totals_of("x", config, scores).practical == 0);
}

TEST_CASE("a slower answer is a regression", "[eval]") {
  Desk desk;
  const auto totals = desk.scored({{"a", "SELECT COUNT(*) FROM t WHERE k = 7 AND (SELECT COUNT(*) "
                                         "FROM t x, t y WHERE x.k + y.k >= 0) > 0"}});
  CHECK(totals.regressions == Approx(100.0 / 3));
  CHECK(totals.geomean < 1);
}

TEST_CASE("the rules are a baseline that is never wrong", "[eval]") {
  Desk desk;
  const auto scores = score_rules(desk.config, read_slow_queries(desk.config), Cancel{}, [] {});
  const auto totals = totals_of("rules", desk.config, scores);
  CHECK(totals.correct == totals.answered);
  CHECK(totals.geomean >= 1);
}

TEST_CASE("an answer to no query, and a query without its database, are refused", "[eval]") {
  Desk desk;
  CHECK_THROWS_WITH(desk.scored({{"z", "SELECT 1"}}), "id \"z\" is no query's");
  CHECK_THROWS_WITH(desk.scored({{"a", "SELECT 1"}, {"a", "SELECT 2"}}), "id \"a\" is there twice");
  desk.config.databases = desk.at("nowhere");
  CHECK_THROWS_WITH(read_slow_queries(desk.config), "there is no database \"d\"");
}
