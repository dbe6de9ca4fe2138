#include "cli/train_progress.hpp"

#include <fmt/format.h>

#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

std::string step_note(const train::StepFigures& figures) {
  std::string note =
      fmt::format("loss {:.4f}, {:.0f} tokens/s", figures.loss, figures.tokens_per_second);
  if (figures.peak_share)
    note += fmt::format(", {:.0f} % of peak", 100 * *figures.peak_share);
  if (figures.eval_loss)
    note += fmt::format(", evaluated {:.4f}", *figures.eval_loss);
  return note;
}

TrainProgress::TrainProgress(const Context& context) : context_(context) {}

train::TrainContext TrainProgress::context() {
  return {.cancel = context_.cancel,
          .clock = system_clock(),
          .command_line = context_.command_line,
          .on_step =
              [this](const train::StepFigures& figures) {
                const std::string note = step_note(figures);
                log_debug(fmt::format("step {}/{}: {}", figures.step, figures.steps, note));
                progress_->advance(figures.step, note);
              },
          .place = train::place_of(process_sources().environment),
          .on_begin =
              [this](std::int64_t done, std::int64_t steps) {
                progress_.emplace(context_.progress, "steps", steps);
                if (done > 0)
                  progress_->advance(done);
              }};
}

} // namespace quill::cli
