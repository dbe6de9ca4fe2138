// quill train sft — a model learns to give the answers of a data set.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/torch_rooms.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

namespace {

std::string step_line(const train::StepFigures& figures) {
  std::string line = fmt::format("step {}/{}: loss {:.4f}, {:.0f} tokens/s", figures.step,
                                 figures.steps, figures.loss, figures.tokens_per_second);
  if (figures.eval_loss)
    line += fmt::format(", evaluated {:.4f}", *figures.eval_loss);
  return line;
}

std::string summary_text(const train::TrainSummary& summary) {
  std::string text = fmt::format("{}: {} parameters, trained for {} steps, {} tokens, {:.1f} s\n",
                                 summary.path.string(), summary.parameters, summary.steps,
                                 summary.tokens, summary.seconds);
  if (summary.loss)
    text += fmt::format("loss of the last step: {:.4f}\n", *summary.loss);
  if (summary.eval_loss)
    text += fmt::format("evaluated: {:.4f}, best {:.4f}\n", *summary.eval_loss,
                        *summary.eval_loss_best);
  return text;
}

Exit run_train_sft(Context& context, const train::SftConfig& config) {
  Progress progress(context.progress, "steps", 0);
  const train::TrainContext training{
      .cancel = context.cancel,
      .clock = system_clock(),
      .command_line = context.command_line,
      .on_step = [&](const train::StepFigures& figures) { log_debug(step_line(figures)); }};
  const train::TrainSummary summary = context.torch->train_sft(config, training);
  context.out.result(to_json(summary), summary_text(summary));
  if (!summary.stopped)
    return Exit::ok;
  log_warn(fmt::format("stopped and saved after step {}; go on with: {}{}", summary.steps,
                       context.command_line, config.run.resume ? "" : " --resume"));
  return context.cancel.exit();
}

} // namespace

Command train_sft_command() {
  auto config = std::make_shared<train::SftConfig>();
  return {
      .name = "train sft",
      .group = "models",
      .summary = "train a model on the answers of a data set",
      .details =
          "Writes in --out: metrics.jsonl (a line a step), checkpoints, and at the end adapter (a "
          "LoRA adapter as PEFT reads it) or model; best too, with --eval-data. A run that was "
          "stopped or killed goes on with --resume and the same settings, to the same bytes.\nA "
          "line of data: {\"messages\": [{\"role\", \"content\"}]}, {\"conversations\"} or "
          "{\"prompt\", \"completion\"}.\nJSON: {\"path\", \"steps\", \"steps_wanted\", "
          "\"samples\", \"truncated\", \"dropped\", \"tokens\", \"parameters\", \"seconds\", "
          "\"loss\", \"eval_loss\", \"eval_loss_best\", \"stopped\"}.",
      .examples = {"quill train sft --model DIR --data finetuning_datasets/qwen_format.jsonl "
                   "--out runs/first"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_train_sft(context, *config); },
      .needs_model = [] { return true; },
  };
}

} // namespace quill::cli
