#include "cli/training.hpp"

#include <fmt/format.h>

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

} // namespace

Exit run_training(Context& context, const train::RunConfig& run,
                  const std::function<train::TrainSummary(const train::TrainContext&)>& train) {
  const train::TrainContext training{
      .cancel = context.cancel,
      .clock = system_clock(),
      .command_line = context.command_line,
      .on_step = [&](const train::StepFigures& figures) { log_debug(step_line(figures)); }};
  const train::TrainSummary summary = train(training);
  context.out.result(to_json(summary), summary_text(summary));
  if (!summary.stopped)
    return Exit::ok;
  log_warn(fmt::format("stopped and saved after step {}; go on with: {}{}", summary.steps,
                       context.command_line, run.resume ? "" : " --resume"));
  return context.cancel.exit();
}

} // namespace quill::cli
