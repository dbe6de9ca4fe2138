#include <algorithm>

#include <fmt/format.h>

#include "optimize/mode.hpp"
#include "optimize/prompts.hpp"

namespace quill::optimize {

namespace {

/// Expert has converged when its last two tries are proven and bring nothing new: what was tried
/// before, or a gain that is not larger than the best before it by this share.
constexpr double kConverged = 0.02;
constexpr std::size_t kTriesBeforeConverged = 3;

bool says_the_same(const Step& a, const Step& b) {
  return a.candidate && b.candidate && a.candidate->after == b.candidate->after &&
         a.candidate->indexes == b.candidate->indexes;
}

bool brings_nothing_new(const std::vector<const Step*>& tries, std::size_t at) {
  const Step& step = *tries[at];
  if (!step.judged || step.judged->best() == 0)
    return false;
  double best = 0;
  for (std::size_t i = 0; i < at; ++i) {
    if (says_the_same(*tries[i], step))
      return true;
    best = std::max(best, tries[i]->judged ? tries[i]->judged->best() : 0);
  }
  return step.judged->best() <= best * (1 + kConverged);
}

Ask rules_ask(int number, int iteration) {
  return {.role = Role::rules,
          .name = fmt::format("rules_{}", number),
          .iteration = iteration,
          .strategy = {},
          .messages = {}};
}

std::vector<Ask> rules_asks(std::int64_t count) {
  std::vector<Ask> asks;
  for (int k = 1; k <= count; ++k)
    asks.push_back(rules_ask(k, 1));
  return asks;
}

/// Candidates side by side, once: single and standard. All workers have the same prompt, and what
/// they answer differs by chance.
class OneRound final : public Mode {
 public:
  OneRound(const OptimizeConfig& config, const Prompts* prompts)
      : config_(config), prompts_(prompts) {}

  std::vector<Ask> next(const std::vector<Step>& steps) const override {
    if (!steps.empty())
      return {};
    if (prompts_ == nullptr)
      return rules_asks(config_.workers_in_force());
    std::vector<Ask> asks;
    const auto messages = prompts_->worker({}, {});
    for (int k = 1; k <= config_.workers_in_force(); ++k)
      asks.push_back({.role = Role::worker,
                      .name = fmt::format("worker_{}", k),
                      .iteration = 1,
                      .strategy = {},
                      .messages = messages,
                      .sample_index = k - 1});
    asks.push_back(rules_ask(1, 1));
    return asks;
  }

 private:
  const OptimizeConfig& config_;
  const Prompts* prompts_;
};

/// One worker, whose every failure an analyst reads: worker, analyst, worker, analyst, worker.
class Expert final : public Mode {
 public:
  Expert(const OptimizeConfig& config, const Prompts* prompts)
      : config_(config), prompts_(prompts) {}

  std::vector<Ask> next(const std::vector<Step>& steps) const override {
    if (is_finished(steps))
      return {};
    const int iteration = tries(steps) + 1;
    if (prompts_ == nullptr)
      return {rules_ask(iteration, iteration)};
    if (steps.empty())
      return {worker(1, steps), rules_ask(1, 1)};
    if (steps.back().ask.role == Role::analyst)
      return {worker(iteration, steps)};
    return {{.role = Role::analyst,
             .name = fmt::format("analyst_{}", iteration - 1),
             .iteration = iteration - 1,
             .strategy = {},
             .messages = prompts_->analyst(steps)}};
  }

 private:
  [[nodiscard]] Role trier() const { return prompts_ == nullptr ? Role::rules : Role::worker; }

  [[nodiscard]] int tries(const std::vector<Step>& steps) const {
    return static_cast<int>(std::count_if(
        steps.begin(), steps.end(), [&](const Step& step) { return step.ask.role == trier(); }));
  }

  [[nodiscard]] Ask worker(int iteration, const std::vector<Step>& steps) const {
    return {.role = Role::worker,
            .name = fmt::format("worker_{}", iteration),
            .iteration = iteration,
            .strategy = {},
            .messages = prompts_->worker({}, steps)};
  }

  [[nodiscard]] bool is_finished(const std::vector<Step>& steps) const {
    if (tries(steps) >= config_.max_iterations || has_converged(steps))
      return true;
    const Step* best = best_of(steps);
    if (best != nullptr && best->judged->best() >= config_.target_speedup)
      return true;
    return prompts_ == nullptr && !steps.empty() && !steps.back().candidate; // no rule is left
  }

  [[nodiscard]] bool has_converged(const std::vector<Step>& steps) const {
    std::vector<const Step*> tries;
    for (const Step& step : steps)
      if (step.ask.role == trier())
        tries.push_back(&step);
    const std::size_t count = tries.size();
    return count >= kTriesBeforeConverged && brings_nothing_new(tries, count - 1) &&
           brings_nothing_new(tries, count - 2);
  }

  const OptimizeConfig& config_;
  const Prompts* prompts_;
};

/// Four strategies side by side, then one more try from what they found.
class Swarm final : public Mode {
 public:
  Swarm(const OptimizeConfig& config, const Prompts* prompts)
      : config_(config), prompts_(prompts) {}

  std::vector<Ask> next(const std::vector<Step>& steps) const override {
    if (steps.empty())
      return fan_out();
    if (config_.max_iterations < 2 || steps.back().ask.iteration > 1)
      return {};
    if (prompts_ == nullptr)
      return {rules_ask(static_cast<int>(steps.size()) + 1, 2)};
    return {{.role = Role::sniper,
             .name = "snipe",
             .iteration = 2,
             .strategy = {},
             .messages = prompts_->snipe(steps)}};
  }

 private:
  [[nodiscard]] std::vector<Ask> fan_out() const {
    if (prompts_ == nullptr)
      return rules_asks(config_.workers_in_force());
    std::vector<Ask> asks;
    for (int k = 1; k <= config_.workers_in_force(); ++k) {
      const auto& strategy = prompts_->strategies()[static_cast<std::size_t>(k) - 1];
      asks.push_back({.role = Role::worker,
                      .name = fmt::format("worker_{}", k),
                      .iteration = 1,
                      .strategy = strategy.name,
                      .messages = prompts_->worker(strategy, {})});
    }
    asks.push_back(rules_ask(1, 1));
    return asks;
  }

  const OptimizeConfig& config_;
  const Prompts* prompts_;
};

/// Swarm, and then one last try with an analyst's advice.
class Batch final : public Mode {
 public:
  Batch(const OptimizeConfig& config, const Prompts* prompts)
      : config_(config), prompts_(prompts), swarm_(config, prompts) {}

  std::vector<Ask> next(const std::vector<Step>& steps) const override {
    if (steps.empty())
      return swarm_.next(steps);
    const Ask& last = steps.back().ask;
    if (last.role == Role::analyst)
      return {last_worker(steps)};
    if (last.iteration >= std::min<std::int64_t>(config_.max_iterations, kIterations) ||
        is_finished(steps))
      return {};
    if (last.iteration == 1)
      return swarm_.next(steps);
    if (prompts_ == nullptr)
      return {rules_ask(static_cast<int>(steps.size()) + 1, kIterations)};
    return {{.role = Role::analyst,
             .name = "analyst",
             .iteration = kIterations,
             .strategy = {},
             .messages = prompts_->analyst(steps)}};
  }

 private:
  static constexpr int kIterations = 3;

  [[nodiscard]] Ask last_worker(const std::vector<Step>& steps) const {
    return {.role = Role::worker,
            .name = fmt::format("worker_{}", config_.workers_in_force() + 1),
            .iteration = kIterations,
            .strategy = {},
            .messages = prompts_->worker({}, steps)};
  }

  [[nodiscard]] bool is_finished(const std::vector<Step>& steps) const {
    const Step* best = best_of(steps);
    if (best != nullptr && best->judged->best() >= config_.target_speedup)
      return true;
    return prompts_ == nullptr && !steps.back().candidate; // no rule is left
  }

  const OptimizeConfig& config_;
  const Prompts* prompts_;
  Swarm swarm_;
};

} // namespace

std::unique_ptr<Mode> make_batch_mode(const OptimizeConfig& config, const Prompts* prompts) {
  return std::make_unique<Batch>(config, prompts);
}

Standing standing_of(const Mode& mode, const std::vector<Step>& steps) {
  Standing out;
  while (out.open.empty()) {
    const auto asks = mode.next(out.steps);
    if (asks.empty())
      break;
    for (const Ask& ask : asks) {
      const auto found = std::find_if(steps.begin(), steps.end(),
                                      [&](const Step& step) { return step.ask.name == ask.name; });
      if (found == steps.end())
        out.open.push_back(ask);
      else
        out.steps.push_back(*found);
    }
  }
  return out;
}

std::unique_ptr<Mode> make_mode(const OptimizeConfig& config, const Prompts* prompts) {
  if (config.mode == "expert")
    return std::make_unique<Expert>(config, prompts);
  if (config.mode == "swarm")
    return std::make_unique<Swarm>(config, prompts);
  return std::make_unique<OneRound>(config, prompts);
}

} // namespace quill::optimize
