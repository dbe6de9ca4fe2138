#include "cli/training.hpp"

#include <fmt/format.h>

#include "cli/train_progress.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

namespace {

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

/// A process whose colleague was asked to stop has no signal of its own.
Exit stopped_exit(const Context& context) {
  return context.cancel.requested() ? context.cancel.exit() : Exit::terminated;
}

} // namespace

Exit run_training(Context& context, const train::TraineeConfig& trainee,
                  const train::RunConfig& run, const AfterTraining& after,
                  const std::function<train::TrainSummary(const train::TrainContext&)>& train) {
  after.check(trainee, run.out);
  const train::TrainSummary summary = [&] {
    TrainProgress progress(context);
    return train(progress.context());
  }();
  if (!summary.leads)
    return summary.stopped ? stopped_exit(context) : Exit::ok;
  const auto said = summary.stopped ? AfterTraining::Said{} : after.run(context, trainee, summary);
  Json result = to_json(summary);
  result.update(said.members);
  context.out.result(result, summary_text(summary) + said.text);
  if (!summary.stopped)
    return Exit::ok;
  log_warn(fmt::format("stopped and saved after step {}; go on with: {}{}", summary.steps,
                       context.command_line, run.resume ? "" : " --resume"));
  return stopped_exit(context);
}

} // namespace quill::cli
