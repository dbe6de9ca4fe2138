#include "quill/train/step_loop.hpp"

#include <cmath>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/log.hpp"
#include "quill/train/schedule.hpp"
#include "train/torch/adamw.hpp"

namespace quill::train {

namespace {

namespace fs = std::filesystem;

constexpr const char* kState = "state.json";

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> number_at(const JsonObject& object, std::string_view key) {
  return object.at(key).is_null() ? std::nullopt : std::optional(object.number(key));
}

class StepLoop {
 public:
  StepLoop(Algorithm& algorithm, Trainee& trainee, Team& team, Run& run, const LoopConfig& config,
           const TrainContext& context)
      : algorithm_(algorithm), trainee_(trainee), team_(team), run_(run), config_(config),
        context_(context), optimizer_(trainee, config.optimizer) {}

  LoopState go() {
    go_on_from_checkpoint();
    if (context_.on_begin && team_.leads())
      context_.on_begin(state_.step, config_.steps);
    bool asked_to_stop = team_.any(context_.cancel.requested());
    while (state_.step < config_.steps && !asked_to_stop) {
      step();
      asked_to_stop = team_.any(context_.cancel.requested()); // all stop behind the same step
      if (state_.step % config_.run.checkpoint_every == 0 || state_.step == config_.steps ||
          asked_to_stop)
        save();
    }
    state_.stopped = state_.step < config_.steps;
    return state_;
  }

 private:
  void step() {
    const double begin_ms = context_.clock.now_ms();
    StepFigures figures;
    figures.step = state_.step + 1;
    figures.steps = config_.steps;
    const StepWork work = algorithm_.work(state_.step);
    figures.loss = differentiate(work);
    const auto gradients = gradients_of(trainee_);
    team_.add_up(gradients);
    figures.grad_norm = clip(gradients, config_.optimizer.clip);
    require_finite(figures);
    figures.learning_rate = config_.optimizer.learning_rate *
                            learning_rate_share(config_.optimizer, state_.step, config_.steps);
    optimizer_.update(figures.learning_rate, state_.step + 1);
    for (const torch::Tensor& gradient : gradients)
      gradient.zero_();
    state_.tokens += work.tokens;
    figures.tokens = state_.tokens;
    const double seconds = (context_.clock.now_ms() - begin_ms) / 1000;
    figures.tokens_per_second = static_cast<double>(work.tokens) / seconds;
    if (config_.peak > 0 && work.operations > 0 && seconds > 0)
      figures.peak_share = work.operations / seconds / config_.peak;
    state_.loss = figures.loss;
    ++state_.step;
    evaluate(figures);
    report(figures);
  }

  /// Gradients of all batches, added up; returns the loss of the step.
  double differentiate(const StepWork& work) {
    parts_.clear();
    auto total = at::zeros({1}, torch::kFloat64);
    for (const auto& batch : work.batches) {
      const Loss loss = batch();
      total += loss.value.detach().to(torch::kCPU, torch::kFloat64);
      for (const auto& [name, value] : loss.parts)
        parts_[name] += value;
      loss.value.backward();
    }
    team_.add_up({total});
    add_up_parts();
    return total.item<double>();
  }

  /// A process without a batch in this step has no parts.
  void add_up_parts() {
    if (team_.size() == 1)
      return;
    const auto all = team_.gather(dump_json(Json(parts_)));
    parts_.clear();
    for (const std::string& text : all) {
      const Json parts = parse_json(text, "parts of a loss");
      for (const auto& [name, value] : parts.items())
        parts_[name] += value.is_number() ? value.get<double>() : std::nan("");
    }
  }

  void require_finite(const StepFigures& figures) const {
    if (std::isfinite(figures.loss) && std::isfinite(figures.grad_norm))
      return;
    throw Error{
        Exit::usage,
        {.what = fmt::format("step {}: the loss is {}, the norm of its gradient {}; nothing of "
                             "this step was kept",
                             figures.step, figures.loss, figures.grad_norm),
         .where = run_.folder().string(),
         .fix = "begin anew with a lower --learning-rate or a smaller --clip, or with --dtype "
                "float32"}};
  }

  void evaluate(StepFigures& figures) {
    if (!algorithm_.evaluates_after(state_.step))
      return;
    const torch::NoGradGuard no_grad;
    figures.eval_loss = algorithm_.evaluate();
    state_.eval_loss = figures.eval_loss;
    if (state_.eval_loss_best && *state_.eval_loss >= *state_.eval_loss_best)
      return;
    state_.eval_loss_best = state_.eval_loss;
    if (team_.leads())
      write_trainee(trainee_, run_.folder() / "best");
  }

  void report(const StepFigures& figures) {
    Json line = {{"step", figures.step},
                 {"loss", figures.loss},
                 {"learning_rate", figures.learning_rate},
                 {"grad_norm", figures.grad_norm},
                 {"tokens", figures.tokens},
                 {"tokens_per_second", figures.tokens_per_second}};
    if (figures.eval_loss)
      line["eval_loss"] = *figures.eval_loss;
    for (const auto& [name, value] : parts_)
      line[name] = value;
    line.update(algorithm_.figures(state_.step - 1));
    if (team_.leads())
      run_.record(line);
    if (context_.on_step && team_.leads())
      context_.on_step(figures);
  }

  /// \throws Error{storage} that says what is left to go on from
  void save() {
    if (!team_.leads())
      return;
    try {
      write_checkpoint();
    } catch (const Error& error) {
      if (error.exit() != Exit::storage)
        throw;
      const auto whole = run_.checkpoints().newest();
      throw Error{
          Exit::storage,
          {.what = error.text().what,
           .where = error.text().where,
           .fix = fmt::format("free some space, or give a smaller --keep; then run again "
                              "with --resume: {}",
                              whole ? fmt::format("the checkpoint of step {} is whole", whole->step)
                                    : "no checkpoint was whole yet")}};
    }
  }

  void write_checkpoint() {
    const fs::path folder = run_.checkpoints().begin(state_.step);
    write_trainee(trainee_, folder);
    write_tensors(folder / "optimizer.safetensors", optimizer_.moments());
    const Json state = {{"format_version", kFormatVersion},
                        {"step", state_.step},
                        {"tokens", state_.tokens},
                        {"loss", number_or_null(state_.loss)},
                        {"eval_loss", number_or_null(state_.eval_loss)},
                        {"eval_loss_best", number_or_null(state_.eval_loss_best)}};
    real_disk().write_atomic(folder / kState, dump_json(state) + "\n");
    run_.checkpoints().finish(state_.step, config_.run.keep);
  }

  void go_on_from_checkpoint() {
    const auto found = run_.checkpoints().newest();
    if (found) {
      const fs::path path = found->folder / kState;
      const Json document = parse_json(read_file(path), path.string());
      const JsonObject state(document, path.string());
      state_.step = state.integer("step");
      state_.tokens = state.integer("tokens");
      state_.loss = number_at(state, "loss");
      state_.eval_loss = number_at(state, "eval_loss");
      state_.eval_loss_best = number_at(state, "eval_loss_best");
      read_trainee(trainee_, found->folder);
      read_tensors(found->folder, "optimizer", optimizer_.moments());
      log_info(fmt::format("going on after step {}", state_.step));
    }
    if (team_.leads())
      run_.forget_after(state_.step);
  }

  Algorithm& algorithm_;
  Trainee& trainee_;
  Team& team_;
  Run& run_;
  const LoopConfig& config_;
  const TrainContext& context_;
  AdamW optimizer_;
  LoopState state_;
  std::map<std::string, double> parts_; ///< of the step's loss
};

} // namespace

LoopState run_steps(Algorithm& algorithm, Trainee& trainee, Team& team, Run& run,
                    const LoopConfig& config, const TrainContext& context) {
  return StepLoop(algorithm, trainee, team, run, config, context).go();
}

} // namespace quill::train
