#include "quill/eval/rewrites.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/random.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/pairs.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::eval {

namespace {

/// The judge of one database at a time.
class Bench {
 public:
  Bench(const judge::JudgeConfig& config, const Cancel& cancel)
      : config_(config), cancel_(cancel) {}

  engine::Session& open(const std::filesystem::path& database) {
    if (session_ != nullptr && database == database_)
      return *session_;
    judge_.reset();
    session_ = engine::open_sqlite(database, &cancel_);
    judge_ = std::make_unique<judge::Judge>(*session_, config_, &cancel_);
    database_ = database;
    return *session_;
  }

  RewriteScore score(const SlowQuery& query, const std::optional<task::Candidate>& candidate) {
    RewriteScore score{.id = query.id, .candidate = candidate, .verdict = {}};
    if (!candidate)
      return score;
    open(query.database);
    const sql::Pair pair{.id = query.id,
                         .before = query.before,
                         .after = candidate->after.empty() ? query.before : candidate->after,
                         .indexes = candidate->indexes,
                         .needs = query.needs};
    score.verdict = judge_->evaluate(pair);
    return score;
  }

  void stop_when_asked() const {
    if (cancel_.requested())
      throw Error{cancel_.exit(),
                  {.what = "interrupted before every query was judged",
                   .where = "eval rewrite",
                   .fix = "run it again"}};
  }

 private:
  const judge::JudgeConfig& config_;
  const Cancel& cancel_;
  std::filesystem::path database_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<judge::Judge> judge_;
};

bool right(const RewriteScore& score) {
  return score.verdict && score.verdict->correct == true;
}

/// A judge's `significant` speaks of wins alone.
bool is_regression(const RewriteScore& score, const RewriteEvalConfig& config) {
  const double speedup = score.speedup();
  return speedup <= 1 / config.improved && 1 / speedup - 1 > score.verdict->noise.value_or(0);
}

/// The offline judge's opinion of a query that only names its tables.
constexpr double kSameReadability = -0.02;

double share(std::int64_t count, std::int64_t of) {
  return of == 0 ? 0 : 100 * static_cast<double>(count) / static_cast<double>(of);
}

double median_of(std::vector<double> values) {
  if (values.empty())
    return 1;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

} // namespace

double RewriteScore::speedup() const {
  return right(*this) ? verdict->speedup.value_or(1) : 1;
}

std::vector<RewriteScore> score_rewrites(const RewriteEvalConfig& config,
                                         const std::vector<SlowQuery>& queries,
                                         const Answers& answers, const Cancel& cancel,
                                         const std::function<void()>& on_query) {
  Bench bench(config.judge, cancel);
  std::vector<RewriteScore> scores;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    bench.stop_when_asked();
    scores.push_back(bench.score(queries[i], answers.at(i)));
    on_query();
  }
  return scores;
}

std::vector<RewriteScore> score_rules(const RewriteEvalConfig& config,
                                      const std::vector<SlowQuery>& queries, const Cancel& cancel,
                                      const std::function<void()>& on_query) {
  Bench bench(config.judge, cancel);
  std::vector<RewriteScore> scores;
  for (const SlowQuery& query : queries) {
    RewriteScore best{.id = query.id, .candidate = {}, .verdict = {}};
    engine::Session& session = bench.open(query.database);
    const auto subject = rewrite::make_subject(query.before, session, query.needs);
    rewrite::Proposer proposer(session);
    const Rng rng(static_cast<std::uint64_t>(config.answering.seed));
    for (const auto& proposal :
         proposer.propose(subject, static_cast<std::size_t>(config.proposals), {}, rng)) {
      bench.stop_when_asked();
      auto score = bench.score(query, task::Candidate{.after = proposal.after,
                                                      .indexes = proposal.indexes,
                                                      .type = proposal.type,
                                                      .rule = proposal.rule,
                                                      .explanation = proposal.explanation});
      if (!best.candidate || (right(score) && score.speedup() > best.speedup()))
        best = std::move(score);
    }
    scores.push_back(std::move(best));
    on_query();
  }
  return scores;
}

RewriteTotals totals_of(std::string name, const RewriteEvalConfig& config,
                        const std::vector<RewriteScore>& scores) {
  RewriteTotals totals{.name = std::move(name),
                       .queries = static_cast<std::int64_t>(scores.size())};
  std::int64_t answered = 0, correct = 0, improved = 0, slower = 0, practical = 0;
  double logs = 0, capped = 0;
  std::vector<double> speedups;
  std::set<std::string> different;
  for (const RewriteScore& score : scores) {
    const double speedup = score.speedup();
    speedups.push_back(speedup);
    logs += std::log(speedup);
    capped += std::min(speedup, config.cap);
    if (!score.verdict)
      continue;
    ++answered;
    correct += right(score) ? 1 : 0;
    different.insert(sql::pair_fingerprint("", score.candidate->after, score.candidate->indexes));
    const bool better = score.verdict->significant && speedup >= config.improved;
    improved += better ? 1 : 0;
    slower += is_regression(score, config) ? 1 : 0;
    practical += better && score.verdict->readability.value_or(0) >= kSameReadability &&
                         score.verdict->index_build_ms <= config.index_cost_ms
                     ? 1
                     : 0;
  }
  const auto count = static_cast<double>(std::max<std::int64_t>(1, totals.queries));
  totals.answered = share(answered, totals.queries);
  totals.correct = share(correct, totals.queries);
  totals.improved = share(improved, totals.queries);
  totals.regressions = share(slower, totals.queries);
  totals.practical = share(practical, totals.queries);
  totals.diversity = share(static_cast<std::int64_t>(different.size()), answered);
  totals.geomean = std::exp(logs / count);
  totals.capped_mean = capped / count;
  totals.median = median_of(std::move(speedups));
  return totals;
}

Json to_json(const RewriteTotals& totals) {
  return {{"name", totals.name},          {"queries", totals.queries},
          {"answered", totals.answered},  {"correct", totals.correct},
          {"improved", totals.improved},  {"regressions", totals.regressions},
          {"geomean", totals.geomean},    {"capped_mean", totals.capped_mean},
          {"median", totals.median},      {"diversity", totals.diversity},
          {"practical", totals.practical}};
}

void write_rewrite_details(
    const std::filesystem::path& file,
    const std::vector<std::pair<std::string, std::vector<RewriteScore>>>& systems) {
  std::string lines;
  for (const auto& [name, scores] : systems)
    for (const RewriteScore& score : scores) {
      Json line = {{"id", score.id}, {"system", name}};
      line["after"] = score.candidate ? Json(score.candidate->after) : Json();
      line["indexes"] = score.candidate ? Json(score.candidate->indexes) : Json::array();
      line["verdict"] = score.verdict ? judge::to_json(*score.verdict) : Json();
      lines += dump_json(line) + "\n";
    }
  real_disk().write_atomic(file, lines);
}

} // namespace quill::eval
