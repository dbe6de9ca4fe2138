// Supervised fine-tuning: a model learns to give the answers of a data set.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/train/config.hpp"
#include "quill/train/place.hpp"

namespace quill {
class Cancel;
class Clock;
} // namespace quill

namespace quill::train {

/// `quill train sft`.
struct SftConfig {
  TraineeConfig trainee;
  OptimizerConfig optimizer;
  RunConfig run;
  std::vector<std::string> data;    ///< files, in order
  std::vector<std::string> weights; ///< of the files, for order weighted
  std::filesystem::path eval_data;
  std::int64_t eval_every = 0; ///< steps; 0: at the end of each epoch
  std::string order = "shuffled";
  std::string packing = "off";       ///< off | best-fit
  std::string loss_on = "answer";    ///< answer | turns
  std::int64_t length_max = 1024;    ///< tokens
  std::int64_t batch = 8;            ///< samples, or packed rows, at a time
  std::int64_t accumulate = 1;       ///< batches a step
  std::int64_t epochs = 1;           ///< unless steps are given
  std::optional<std::int64_t> steps; ///< over as many epochs as it takes
  void fields(FieldList& list);
  /// \throws Error{usage}
  void check() const;
};

/// One step, as metrics.jsonl has it.
struct StepFigures {
  std::int64_t step = 0, steps = 0; ///< from 1
  double loss = 0, learning_rate = 0, grad_norm = 0;
  std::int64_t tokens = 0; ///< of the run so far
  double tokens_per_second = 0;
  std::optional<double> peak_share; ///< of what the machine can calculate
  std::optional<double> eval_loss;
};

/// What training needs from its caller. References must outlive the run.
struct TrainContext {
  const Cancel& cancel;
  const Clock& clock;
  std::string command_line;
  std::function<void(const StepFigures&)> on_step = {};
  Place place = {}; ///< among processes that train together
  /// Before the first step, with the steps done earlier and those wanted in all.
  std::function<void(std::int64_t done, std::int64_t steps)> on_begin = {};
};

struct TrainSummary {
  std::int64_t steps = 0, steps_wanted = 0;
  std::int64_t samples = 0, truncated = 0, dropped = 0;
  std::int64_t tokens = 0, parameters = 0; ///< parameters that were trained
  double seconds = 0;
  std::optional<double> loss, eval_loss, eval_loss_best;
  std::filesystem::path path; ///< the adapter's or model's folder
  bool stopped = false;       ///< saved before it was done
  bool leads = true;          ///< whether this process is the one of its team that writes
};
/// The numbers of --weights. \throws Error{usage} for one that is no number of 0 or more, and when
/// none is above 0
[[nodiscard]] std::vector<double> read_weights(const std::vector<std::string>& weights);

[[nodiscard]] Json to_json(const TrainSummary& summary);

/// Writes in --out: metrics.jsonl, checkpoints, and at the end `adapter` (as PEFT reads it) or
/// `model`; `best` too when there is data to evaluate on. Only where LibTorch is linked.
/// \throws Error{usage}: bad settings or data; Error{storage}
[[nodiscard]] TrainSummary train_sft(const SftConfig& config, const TrainContext& context);

} // namespace quill::train
