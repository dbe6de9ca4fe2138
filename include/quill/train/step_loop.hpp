// Step after step: gradients, clipping, AdamW, figures, checkpoints. Knows no algorithm.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <torch/types.h>

#include "quill/core/json.hpp"
#include "quill/train/config.hpp"
#include "quill/train/loss.hpp"
#include "quill/train/run.hpp"
#include "quill/train/sft.hpp"
#include "quill/train/team.hpp"
#include "quill/train/trainee.hpp"

namespace quill::train {

/// What one process does in a step.
struct StepWork {
  /// Losses of its batches, called one after the other; each is differentiated before the next is
  /// asked for.
  std::vector<std::function<Loss()>> batches;
  std::int64_t tokens = 0; ///< that go through the network, of all processes
  double operations = 0;   ///< as cost.hpp counts them, of all processes; 0: not counted
};

/// What is learned, and how: sft, grpo, dpo, ppo.
class Algorithm {
 public:
  virtual ~Algorithm() = default;
  /// `step` from 0. A pure function of step, seed and weights, so that a resumed run repeats it.
  virtual StepWork work(std::int64_t step) = 0;
  /// Figures of the step just done that metrics.jsonl has beside the loop's own.
  virtual Json figures(std::int64_t /*step*/) { return Json::object(); }
  /// Whether to evaluate when `step` steps are done.
  virtual bool evaluates_after(std::int64_t /*step*/) { return false; }
  /// How wrong the model is on data it does not learn from: lower is better.
  virtual double evaluate() { return 0; }
};

struct LoopConfig {
  OptimizerConfig optimizer;
  RunConfig run;
  std::int64_t steps = 0;
  double peak = 0; ///< operations a second that the machine can do; 0: unknown
};

/// What the loop remembers beside weights and moments.
struct LoopState {
  std::int64_t step = 0; ///< done
  std::int64_t tokens = 0;
  std::optional<double> loss, eval_loss, eval_loss_best;
  bool stopped = false;
};

/// From the newest whole checkpoint of `run`, or from the start, to the last step or until `cancel`
/// asks; then a checkpoint is written. After an evaluation that is better than all before, the
/// trainee is written to `best` too.
/// \throws Error{usage} when loss or gradient is no number, before anything of it is saved;
/// Error{storage}
LoopState run_steps(Algorithm& algorithm, Trainee& trainee, Team& team, Run& run,
                    const LoopConfig& config, const TrainContext& context);

} // namespace quill::train
