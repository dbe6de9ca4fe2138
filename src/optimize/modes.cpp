#include <fmt/format.h>

#include "optimize/mode.hpp"

namespace quill::optimize {

namespace {

Ask rules_ask(int number, int iteration) {
  return {.role = Role::rules,
          .name = fmt::format("rules_{}", number),
          .iteration = iteration,
          .strategy = {},
          .messages = {}};
}

/// Candidates side by side, once: single and standard.
class OneRound final : public Mode {
 public:
  explicit OneRound(const OptimizeConfig& config) : config_(config) {}

  std::vector<Ask> next(const std::vector<Step>& steps) const override {
    std::vector<Ask> asks;
    for (int k = 1; steps.empty() && k <= config_.workers_in_force(); ++k)
      asks.push_back(rules_ask(k, 1));
    return asks;
  }

 private:
  const OptimizeConfig& config_;
};

} // namespace

std::unique_ptr<Mode> make_mode(const OptimizeConfig& config, const Prompts* prompts) {
  (void)prompts;
  return std::make_unique<OneRound>(config);
}

} // namespace quill::optimize
