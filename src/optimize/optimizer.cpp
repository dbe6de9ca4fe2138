#include "quill/optimize/optimizer.hpp"

#include <fmt/format.h>

#include "optimize/gate.hpp"
#include "optimize/mode.hpp"
#include "optimize/rules_worker.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::optimize {

namespace {

std::vector<std::string> parts_of(const std::string& rule) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < rule.size();) {
    const std::size_t end = std::min(rule.find('+', at), rule.size());
    parts.push_back(rule.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// One query on its way to an answer.
class Work {
 public:
  Work(const Workplace& at, const OptimizeConfig& config, const QueryText& query)
      : at_(at), config_(config), query_(query), gate_(at.session, config.judge, query, at.cancel),
        subject_(rewrite::make_subject(query.text, at.session)),
        rules_(at.session, subject_, gate_.before(), gate_.config(),
               static_cast<std::uint64_t>(config.seed)),
        mode_(make_mode(config, nullptr)) {}

  Answer run() {
    while (!at_.cancel.requested()) {
      const auto asks = mode_->next(steps_);
      if (asks.empty())
        break;
      answer(asks);
    }
    return result();
  }

 private:
  void answer(const std::vector<Ask>& asks) {
    for (const Ask& ask : asks) {
      if (at_.cancel.requested())
        return;
      take(answered_by_rules(ask));
    }
  }

  Step answered_by_rules(const Ask& ask) {
    Step step;
    step.ask = ask;
    auto candidates = rules_.next(1);
    if (candidates.empty())
      step.failure = "no rule and no index that was not offered yet pays here";
    else
      step.candidate = std::move(candidates.front());
    return step;
  }

  void take(Step step) {
    if (step.candidate)
      step.judged = gate_.judge(*step.candidate);
    if (at_.cancel.requested())
      return; // what the judge says of a run that was cut short is not known
    steps_.push_back(std::move(step));
    if (at_.on_step)
      at_.on_step(steps_.back());
  }

  Answer result() {
    Answer out;
    out.name = query_.name;
    out.engine = at_.session.version();
    out.before = out.after = query_.text;
    out.speedup = 1;
    if (config_.judge.measure == "time" && gate_.before().status == engine::Status::ok)
      out.before_ms = out.after_ms = gate_.before().elapsed_ms;
    if (const Step* best = best_of(steps_))
      take_winner(out, *best);
    else
      out.reason = why_nothing();
    if (at_.cancel.requested())
      out.exit = at_.cancel.exit();
    else
      out.exit = out.judged ? Exit::ok : Exit::negative;
    out.steps = std::move(steps_);
    return out;
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
    out.judged = judged.verdict;
    if (!out.indexes.empty()) {
      const auto build = at_.session.build_indexes(out.indexes, gate_.config().limits());
      out.index_cost = {judged.verdict.index_build_ms, build.bytes};
    }
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
  RulesWorker rules_;
  std::unique_ptr<Mode> mode_;
  std::vector<Step> steps_;
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
