#include "quill/optimize/optimizer.hpp"

#include <algorithm>

#include "optimize/artifacts.hpp"
#include "optimize/asking.hpp"
#include "optimize/mode.hpp"
#include "optimize/workbench.hpp"

namespace quill::optimize {

namespace {

std::filesystem::path journal_of(const OptimizeConfig& config) {
  const bool has_session = config.mode != "single";
  const auto folder = config.folder();
  return has_session && !folder.empty() ? folder / "learnings.json" : std::filesystem::path();
}

/// One query on its way to an answer.
class Work {
 public:
  Work(const Workplace& at, const OptimizeConfig& config, const QueryText& query)
      : at_(at), config_(config), bench_(at.session, config, query, at.cancel),
        journal_(journal_of(config)), artifacts_(config.folder(), query) {
    if (at.model.there())
      prompts_ = std::make_unique<Prompts>(at.prompt_file, bench_.brief(journal_, at.knowledge));
    mode_ = make_mode(config, prompts_.get());
  }

  Answer run() {
    while (exit_ == Exit::ok && !at_.cancel.requested()) {
      const auto asks = mode_->next(steps_);
      if (asks.empty())
        break;
      answer(asks);
    }
    Answer out = bench_.answer(std::move(steps_));
    out.folder = artifacts_.folder();
    out.exit = exit_of(out);
    artifacts_.finish(out, at_.clock.utc());
    journal_.add(
        learning_of(out, engine::to_string(at_.session.engine()), bench_.shape(), at_.clock.utc()));
    return out;
  }

 private:
  /// The model's answers are on disk before anybody looks at them.
  void answer(const std::vector<Ask>& asks) {
    const auto of_model = asks_of_model(asks);
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
        take(by_rules(ask));
  }

  Step by_rules(const Ask& ask) {
    Step step = bench_.by_rules(ask, steps_);
    if (step.candidate)
      artifacts_.answer(step);
    return step;
  }

  void take(Step step) {
    if (step.candidate)
      step.judged = bench_.judge(*step.candidate);
    if (at_.cancel.requested())
      return; // what the judge says of a run that was cut short is not known
    artifacts_.verdict(step);
    steps_.push_back(std::move(step));
    if (at_.on_step)
      at_.on_step(steps_.back());
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

  const Workplace& at_;
  const OptimizeConfig& config_;
  Workbench bench_;
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
