#include "optimize/workbench.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "optimize/brief.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/sql/diff.hpp"
#include "quill/sql/parse.hpp"

namespace quill::optimize {

namespace {

/// Of a query that takes longer only as many of the rules' candidates are judged as it needs.
constexpr double kDearMs = 5'000;

std::vector<std::string> parts_of(const std::string& rule) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < rule.size();) {
    const std::size_t end = std::min(rule.find('+', at), rule.size());
    parts.push_back(rule.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// As its run told, else as its text says.
std::set<std::string> tables_read(const engine::Sample& before,
                                  const Understanding& understanding) {
  return before.tables_read.empty()
             ? tables_of(understanding)
             : std::set<std::string>(before.tables_read.begin(), before.tables_read.end());
}

std::string why_nothing(const std::vector<Step>& steps) {
  std::size_t proven = 0, offered = 0;
  for (const Step& step : steps) {
    offered += step.candidate ? 1 : 0;
    proven += step.judged && step.judged->proven() ? 1 : 0;
  }
  if (offered == 0)
    return "nobody offered a candidate";
  return fmt::format("{} candidate{}, {} proven, none measurably faster", offered,
                     offered == 1 ? "" : "s", proven);
}

bool is_among(const std::vector<Step>& steps, const task::Candidate& candidate) {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return step.ask.role == Role::rules && step.candidate &&
           step.candidate->after == candidate.after && step.candidate->indexes == candidate.indexes;
  });
}

} // namespace

Workbench::Workbench(engine::Session& session, const OptimizeConfig& config, const QueryText& query,
                     const Cancel& cancel, std::optional<Understanding> known)
    : session_(session), config_(config), query_(query), cancel_(cancel),
      gate_(session, config.judge, query, cancel),
      subject_(rewrite::make_subject(query.text, session)), tree_(tree()),
      understanding_(known ? *std::move(known)
                           : understand(query.text, tree_.get(), gate_.before(), session,
                                        gate_.config().limits())),
      rules_(session, subject_, gate_.before(), gate_.config(),
             static_cast<std::uint64_t>(config.seed)) {}

sql::QueryPtr Workbench::tree() const {
  auto parsed = sql::parse(engine::dialect_of(session_.engine()), query_.text, session_.grammar());
  return parsed ? std::move(parsed).value() : nullptr;
}

sql::Features Workbench::shape() const {
  return tree_ ? sql::features(*tree_) : sql::Features{};
}

Brief Workbench::brief(const Journal& journal, const Knowledge* knowledge) const {
  return make_brief(query_, tree_.get(), understanding_,
                    tables_read(gate_.before(), understanding_), session_, journal, knowledge);
}

/// Judging one candidate more costs more than it may win.
bool Workbench::is_enough(const std::vector<Step>& steps) const {
  const Step* best = best_of(steps);
  return gate_.before().elapsed_ms > kDearMs && best != nullptr &&
         best->judged->best() >= config_.target_speedup;
}

Step Workbench::by_rules(const Ask& ask, const std::vector<Step>& steps) {
  Step step;
  step.ask = ask;
  if (is_enough(steps)) {
    step.failure = "not tried: the query takes seconds, and a faster one is proven";
    return step;
  }
  auto candidates = rules_.next(1);
  while (!candidates.empty() && is_among(steps, candidates.front()))
    candidates = rules_.next(1);
  if (candidates.empty())
    step.failure = "no rule and no index that was not offered yet pays here";
  else
    step.candidate = std::move(candidates.front());
  return step;
}

/// What the reader must know beside it: nothing where the query ran to its end.
std::string Workbench::how_before_ended() const {
  if (gate_.before().status != engine::Status::timeout)
    return "";
  return fmt::format("; the query itself did not end in {} ms (--timeout-ms)",
                     config_.judge.timeout_ms);
}

Answer Workbench::answer(std::vector<Step> steps) {
  Answer out;
  out.name = query_.name;
  out.engine = session_.version();
  out.before = out.after = query_.text;
  out.understanding = understanding_;
  out.after_plan = understanding_.plan;
  out.speedup = 1;
  if (gate_.before().status == engine::Status::ok)
    out.rows = gate_.before().row_count;
  if (config_.judge.measure == "time" && gate_.before().status == engine::Status::ok)
    out.before_ms = out.after_ms = gate_.before().elapsed_ms;
  if (const Step* best = best_of(steps))
    take_winner(out, *best);
  else
    out.reason = why_nothing(steps) + how_before_ended();
  out.index_advice = advice_for(out.after);
  out.shown_before = shown(out.before);
  out.shown_after = shown(out.after);
  out.steps = std::move(steps);
  return out;
}

void Workbench::take_winner(Answer& out, const Step& best) {
  const Judged& judged = *best.judged;
  out.status = judged.status;
  if (!best.candidate->after.empty())
    out.after = best.candidate->after;
  out.indexes = best.candidate->indexes;
  out.speedup = judged.speedup();
  out.speedup_with_indexes = judged.speedup_with_indexes();
  out.before_ms = judged.verdict.before_ms;
  out.after_ms = judged.verdict.after_ms;
  out.verdict = judged.verdict.verdict;
  out.rules = parts_of(best.candidate->rule);
  out.explanation = best.candidate->explanation;
  out.changes = changes(out.after);
  out.after_plan = judged.plan;
  out.shrank = what_shrank(understanding_.plan, out.after_plan);
  out.judged = judged.verdict;
  if (!out.indexes.empty()) {
    const auto build = session_.build_indexes(out.indexes, gate_.config().limits());
    out.index_cost = {judged.verdict.index_build_ms, build.bytes};
  }
}

/// A server's database is never written, so what cannot be measured is at least estimated.
std::optional<IndexAdvice> Workbench::advice_for(const std::string& statement) const {
  if (session_.engine() != engine::Engine::postgres || cancel_.requested())
    return std::nullopt;
  auto supposed = rewrite::suppose_indexes(rewrite::make_subject(statement, session_), session_);
  if (!supposed)
    return IndexAdvice{{}, supposed.failure().what};
  IndexAdvice advice{std::move(supposed).value(), ""};
  if (advice.supposed.indexes.empty())
    advice.reason = "no index halves the planner's cost";
  return advice;
}

std::string Workbench::shown(const std::string& statement) const {
  const auto dialect = engine::dialect_of(session_.engine());
  const auto parsed = sql::parse(dialect, statement, session_.grammar());
  return parsed ? sql::print_pretty(*parsed.value(), dialect) : statement;
}

std::vector<std::string> Workbench::changes(const std::string& after) const {
  const auto dialect = engine::dialect_of(session_.engine());
  const auto parsed = sql::parse(dialect, after, session_.grammar());
  std::vector<std::string> out;
  if (tree_ && parsed)
    for (const auto& change : sql::diff(*tree_, *parsed.value()))
      out.push_back(sql::to_text(change));
  return out;
}

} // namespace quill::optimize
