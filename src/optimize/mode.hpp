// A mode says what is asked next, given what came of all before: single, standard, expert, swarm.
#pragma once

#include <memory>
#include <vector>

#include "quill/optimize/config.hpp"
#include "quill/optimize/step.hpp"

namespace quill::optimize {

class Prompts;

/// Pure: the same steps give the same questions.
class Mode {
 public:
  virtual ~Mode() = default;
  /// The questions of the next round, which may be asked all at once; empty: finished.
  [[nodiscard]] virtual std::vector<Ask> next(const std::vector<Step>& steps) const = 0;
};

/// `prompts` is null when there is no model to ask: then the rules do the work of its workers.
/// With a model they join the first round as one more worker. `config` and `prompts` must outlive
/// it.
[[nodiscard]] std::unique_ptr<Mode> make_mode(const OptimizeConfig& config, const Prompts* prompts);

} // namespace quill::optimize
