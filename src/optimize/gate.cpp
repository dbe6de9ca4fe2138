#include "optimize/gate.hpp"

#include <fmt/format.h>

#include "quill/sql/text.hpp"

namespace quill::optimize {

namespace {

/// Five blocks of five runs of a statement this long are more than a user waits for.
constexpr double kLongMs = 2'000;

std::string advice(engine::Cause cause, engine::Engine engine) {
  switch (cause) {
  case engine::Cause::forbidden:
    return "give one SELECT (or WITH … SELECT): what writes, locks or reads files is never run";
  case engine::Cause::multiple:
    return "give one statement a file; a workload of several goes with --workload";
  default:
    return fmt::format("this is what {} itself says; if the query is written for another engine, "
                       "name that with --engine",
                       engine::to_string(engine));
  }
}

[[noreturn]] void refuse(const QueryText& query, const engine::Sample& sample,
                         engine::Engine engine) {
  throw Error{Exit::usage,
              {.what = fmt::format("the query does not run: {}", sample.message),
               .where = fmt::format("{} on {}", query.name, engine::to_string(engine)),
               .fix = advice(sample.cause, engine)}};
}

} // namespace

Gate::Gate(engine::Session& session, judge::JudgeConfig config, const QueryText& query,
           const Cancel& cancel)
    : session_(session), config_(std::move(config)), query_(query),
      before_(session.sample(query.text, config_.limits())) {
  if (before_.status != engine::Status::ok && before_.status != engine::Status::timeout &&
      !cancel.requested())
    refuse(query, before_, session.engine());
  if (before_.elapsed_ms > kLongMs && config_.timing == "sequential")
    config_.timing = "3run";
  judge_ = std::make_unique<judge::Judge>(session, config_, &cancel);
  if (before_.elapsed_ms > kLongMs)
    judge_->know_before(query.text, before_);
}

Gate::~Gate() = default;

sql::Pair Gate::pair_of(const task::Candidate& candidate) const {
  return {.id = query_.name,
          .before = query_.text,
          .after = candidate.after.empty() ? query_.text : candidate.after,
          .indexes = candidate.indexes,
          .needs = {}};
}

Judged Gate::judge(const task::Candidate& candidate) {
  const auto pair = pair_of(candidate);
  const auto key = sql::pair_fingerprint(pair.before, pair.after, pair.indexes);
  if (const auto found = known_.find(key); found != known_.end())
    return found->second;
  return known_.emplace(key, judge_new(candidate)).first->second;
}

Judged Gate::judge_new(const task::Candidate& candidate) {
  auto pair = pair_of(candidate);
  Judged out;
  out.verdict = judge_->evaluate(pair, candidate.type);
  out.status = status_of(out.verdict);
  out.plan = plan_of(pair, out.verdict);
  const bool new_statement = sql::fingerprint(pair.before) != sql::fingerprint(pair.after);
  if (out.proven() && new_statement && !pair.indexes.empty()) {
    pair.indexes.clear();
    out.bare = judge_->evaluate(pair, candidate.type);
  }
  return out;
}

/// Right after the pair was judged: its indexes are still there.
std::vector<PlanNode> Gate::plan_of(const sql::Pair& pair, const judge::Verdict& verdict) {
  const bool runs = verdict.correct.has_value();
  const auto side = pair.indexes.empty() ? engine::Side::base : engine::Side::indexed;
  const auto plan =
      runs ? session_.analyze(pair.after, config_.limits(), side) : session_.plan(pair.after, side);
  return plan_nodes(plan, session_.engine());
}

} // namespace quill::optimize
