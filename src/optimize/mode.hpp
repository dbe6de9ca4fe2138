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

/// What a whole benchmark goes through: the fan-out of swarm and its snipe; then an analyst reads
/// all of it, and one last worker tries. It ends early when `target_speedup` is proven, and after
/// `max_iterations`.
[[nodiscard]] std::unique_ptr<Mode> make_batch_mode(const OptimizeConfig& config,
                                                    const Prompts* prompts);

/// Where a query stands whose round may have been cut short.
struct Standing {
  std::vector<Step> steps; ///< in the order of their questions
  std::vector<Ask> open;   ///< questions of the round at hand that have no step; empty: finished
};
/// `steps` are all that were judged.
[[nodiscard]] Standing standing_of(const Mode& mode, const std::vector<Step>& steps);

} // namespace quill::optimize
