#include "quill/optimize/optimizer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "optimize/artifacts.hpp"
#include "optimize/asking.hpp"
#include "optimize/gate.hpp"
#include "optimize/learnings.hpp"
#include "optimize/mode.hpp"
#include "optimize/prompts.hpp"
#include "optimize/rules_worker.hpp"
#include "quill/engine/dialect.hpp"
#include "quill/optimize/understanding.hpp"
#include "quill/rewrite/rule.hpp"
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

/// DDL of the tables a run has read; of all when the engine did not tell.
std::string schema_text(const sql::Schema& schema, const std::vector<std::string>& read) {
  std::string text;
  for (const std::string& name : read)
    if (const auto* table = schema.table(name)) {
      text += table->sql + ";\n";
      for (const auto& index : table->indexes)
        text += index.sql.empty() ? "" : index.sql + ";\n";
    }
  return text.empty() ? schema.ddl() : text;
}

std::filesystem::path journal_of(const OptimizeConfig& config) {
  const bool has_session = config.mode != "single";
  const auto folder = config.folder();
  return has_session && !folder.empty() ? folder / "learnings.json" : std::filesystem::path();
}

/// One query on its way to an answer.
class Work {
 public:
  Work(const Workplace& at, const OptimizeConfig& config, const QueryText& query)
      : at_(at), config_(config), query_(query), gate_(at.session, config.judge, query, at.cancel),
        subject_(rewrite::make_subject(query.text, at.session)), tree_(tree()),
        understanding_(understand(query.text, tree_.get(), gate_.before(), at.session,
                                  gate_.config().limits())),
        rules_(at.session, subject_, gate_.before(), gate_.config(),
               static_cast<std::uint64_t>(config.seed)),
        journal_(journal_of(config)), artifacts_(config.folder(), query) {
    if (at.model.there())
      prompts_ = std::make_unique<Prompts>(at.prompt_file, brief());
    mode_ = make_mode(config, prompts_.get());
  }

  Answer run() {
    while (exit_ == Exit::ok && !at_.cancel.requested()) {
      const auto asks = mode_->next(steps_);
      if (asks.empty())
        break;
      answer(asks);
    }
    Answer out = result();
    artifacts_.finish(out, at_.clock.utc());
    journal_.add(
        learning_of(out, engine::to_string(at_.session.engine()), shape(), at_.clock.utc()));
    return out;
  }

 private:
  [[nodiscard]] sql::QueryPtr tree() const {
    auto parsed =
        sql::parse(engine::dialect_of(at_.session.engine()), query_.text, at_.session.grammar());
    return parsed ? std::move(parsed).value() : nullptr;
  }

  [[nodiscard]] sql::Features shape() const {
    return tree_ ? sql::features(*tree_) : sql::Features{};
  }

  [[nodiscard]] Brief brief() const {
    Brief out{.engine = at_.session.version(),
              .before = query_.text,
              .schema = schema_text(at_.session.schema(), gate_.before().tables_read),
              .intent = understanding_.intent,
              .blocks = blocks_text(understanding_),
              .plan = to_text(understanding_.plan),
              .learnings = journal_.lessons_for(query_.name,
                                                engine::to_string(at_.session.engine()), shape()),
              .indexes = at_.session.engine() == engine::Engine::sqlite};
    if (at_.knowledge != nullptr)
      add_knowledge(out, *at_.knowledge, tree_.get(), at_.session.engine());
    return out;
  }

  // ---- asking ----

  /// The model's answers are on disk before anybody looks at them.
  void answer(const std::vector<Ask>& asks) {
    std::vector<Ask> of_model;
    std::copy_if(asks.begin(), asks.end(), std::back_inserter(of_model),
                 [](const Ask& ask) { return ask.role != Role::rules; });
    for (const Ask& ask : of_model)
      artifacts_.prompt(ask);
    auto answered = ask_all(of_model, at_.model, config_.temperature, at_.cancel);
    for (const Step& step : answered.steps)
      artifacts_.answer(step);
    exit_ = answered.exit;
    why_ = answered.why;
    for (Step& step : answered.steps)
      take(std::move(step));
    for (const Ask& ask : asks)
      if (ask.role == Role::rules && !at_.cancel.requested())
        take(answered_by_rules(ask));
  }

  Step answered_by_rules(const Ask& ask) {
    Step step;
    step.ask = ask;
    if (is_enough()) {
      step.failure = "not tried: the query takes seconds, and a faster one is proven";
      return step;
    }
    auto candidates = rules_.next(1);
    if (candidates.empty())
      step.failure = "no rule and no index that was not offered yet pays here";
    else
      step.candidate = std::move(candidates.front());
    artifacts_.answer(step);
    return step;
  }

  /// Judging one candidate more costs more than it may win.
  [[nodiscard]] bool is_enough() const {
    const Step* best = best_of(steps_);
    return gate_.before().elapsed_ms > kDearMs && best != nullptr &&
           best->judged->best() >= config_.target_speedup;
  }

  void take(Step step) {
    if (step.candidate)
      step.judged = gate_.judge(*step.candidate);
    if (at_.cancel.requested())
      return; // what the judge says of a run that was cut short is not known
    artifacts_.verdict(step);
    steps_.push_back(std::move(step));
    if (at_.on_step)
      at_.on_step(steps_.back());
  }

  // ---- the answer ----

  Answer result() {
    Answer out;
    out.name = query_.name;
    out.engine = at_.session.version();
    out.before = out.after = query_.text;
    out.understanding = understanding_;
    out.after_plan = understanding_.plan;
    out.speedup = 1;
    out.folder = artifacts_.folder();
    if (config_.judge.measure == "time" && gate_.before().status == engine::Status::ok)
      out.before_ms = out.after_ms = gate_.before().elapsed_ms;
    if (const Step* best = best_of(steps_))
      take_winner(out, *best);
    else
      out.reason = why_nothing();
    out.index_advice = advice_for(out.after);
    out.shown_before = shown(out.before);
    out.shown_after = shown(out.after);
    out.exit = exit_of(out);
    out.steps = std::move(steps_);
    return out;
  }

  [[nodiscard]] Exit exit_of(Answer& out) const {
    if (at_.cancel.requested())
      return at_.cancel.exit();
    if (exit_ != Exit::ok) {
      out.reason = out.reason.empty() ? why_ : why_ + "; " + out.reason;
      return exit_;
    }
    return out.judged ? Exit::ok : Exit::negative;
  }

  void take_winner(Answer& out, const Step& best) {
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
      const auto build = at_.session.build_indexes(out.indexes, gate_.config().limits());
      out.index_cost = {judged.verdict.index_build_ms, build.bytes};
    }
  }

  /// A server's database is never written, so what cannot be measured is at least estimated.
  [[nodiscard]] std::optional<IndexAdvice> advice_for(const std::string& statement) const {
    if (at_.session.engine() != engine::Engine::postgres || at_.cancel.requested())
      return std::nullopt;
    auto supposed =
        rewrite::suppose_indexes(rewrite::make_subject(statement, at_.session), at_.session);
    if (!supposed)
      return IndexAdvice{{}, supposed.failure().what};
    IndexAdvice advice{std::move(supposed).value(), ""};
    if (advice.supposed.indexes.empty())
      advice.reason = "no index halves the planner's cost";
    return advice;
  }

  [[nodiscard]] std::string shown(const std::string& statement) const {
    const auto dialect = engine::dialect_of(at_.session.engine());
    const auto parsed = sql::parse(dialect, statement, at_.session.grammar());
    return parsed ? sql::print_pretty(*parsed.value(), dialect) : statement;
  }

  [[nodiscard]] std::vector<std::string> changes(const std::string& after) const {
    const auto dialect = engine::dialect_of(at_.session.engine());
    const auto parsed = sql::parse(dialect, after, at_.session.grammar());
    std::vector<std::string> out;
    if (tree_ && parsed)
      for (const auto& change : sql::diff(*tree_, *parsed.value()))
        out.push_back(sql::to_text(change));
    return out;
  }

  [[nodiscard]] std::string why_nothing() const {
    std::size_t proven = 0, offered = 0;
    for (const Step& step : steps_) {
      offered += step.candidate ? 1 : 0;
      proven += step.judged && step.judged->proven() ? 1 : 0;
    }
    if (offered == 0)
      return "nobody offered a candidate";
    return fmt::format("{} candidate{}, {} proven, none measurably faster", offered,
                       offered == 1 ? "" : "s", proven);
  }

  const Workplace& at_;
  const OptimizeConfig& config_;
  const QueryText& query_;
  Gate gate_;
  rewrite::Subject subject_;
  sql::QueryPtr tree_; ///< null when it does not parse; for reading, not for rewriting
  Understanding understanding_;
  RulesWorker rules_;
  Journal journal_;
  Artifacts artifacts_;
  std::unique_ptr<Prompts> prompts_;
  std::unique_ptr<Mode> mode_;
  std::vector<Step> steps_;
  Exit exit_ = Exit::ok; ///< why nobody can be asked any more
  std::string why_;
};

} // namespace

struct Optimizer::State {
  Workplace workplace;
  OptimizeConfig config;
};

Optimizer::Optimizer(Workplace workplace, OptimizeConfig config)
    : state_(std::make_unique<State>(State{std::move(workplace), std::move(config)})) {
  state_->config.check();
}
Optimizer::~Optimizer() = default;

Answer Optimizer::optimize(const QueryText& query) {
  return Work(state_->workplace, state_->config, query).run();
}

} // namespace quill::optimize
