// quill restem — the loop: ask for faster queries, judge them, keep what passes, learn, repeat.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/local_model.hpp"
#include "cli/run_text.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/http.hpp"
#include "quill/core/log.hpp"
#include "quill/loop/restem.hpp"

namespace quill::cli {

namespace {

std::string iteration_line(const loop::IterationMetrics& iteration, std::int64_t iterations) {
  if (iteration.iteration == 0)
    return fmt::format("seed examples: {} of {} kept", iteration.kept, iteration.offered);
  return fmt::format("iteration {}/{}: {} kept of {} asked ({}), {} new, {} examples",
                     iteration.iteration, iterations, iteration.kept, iteration.asked,
                     percent(iteration.success_rate), iteration.added, iteration.examples);
}

std::string summary_text(const loop::RestemSummary& summary, bool styled) {
  std::string text = totals_text(summary.totals, styled);
  text +=
      fmt::format("\nexamples  {}\nmetrics   {}\nrun       {}\n", summary.training_data.string(),
                  summary.metrics.string(), summary.run_db.string());
  if (summary.trust == "fast")
    text += "trust fast: examples were compared on this database alone, not proved on others\n";
  return text;
}

std::string dollars(const std::optional<double>& usd) {
  return usd ? fmt::format("{:.4f} USD", *usd) : "an unknown price";
}

std::string estimate_text(const loop::RestemEstimate& estimate) {
  if (estimate.prompt.empty())
    return "the rules ask nobody: nothing is sent, nothing is paid\n";
  std::string text;
  for (const llm::Message& message : estimate.prompt)
    text += fmt::format("--- {}\n{}\n", message.role, message.content);
  return text + fmt::format("---\n{} requests to {} ({}): likely {}, at most {}; prices of {}\n"
                            "nothing was sent\n",
                            estimate.requests, estimate.model, estimate.provider,
                            dollars(estimate.likely_usd), dollars(estimate.at_most_usd),
                            estimate.prices_as_of.empty() ? "no date" : estimate.prices_as_of);
}

Exit show_estimate(Context& context, const loop::RestemConfig& config,
                   loop::RestemContext& restem) {
  const loop::RestemEstimate estimate = loop::estimate_restem(config, restem);
  context.out.result(to_json(estimate), estimate_text(estimate));
  return Exit::ok;
}

Exit run_restem(Context& context, const loop::RestemConfig& config) {
  config.check();
  const auto http = make_http_client();
  Progress progress(context.progress, "iterations", config.iterations);
  loop::RestemContext run{
      .cancel = context.cancel,
      .clock = system_clock(),
      .http = *http,
      .keys = {.secret = [&](std::string_view name) { return context.settings.secret(name); },
               .base_url_layer = context.settings.origin("llm.base_url").layer},
      .open_local = open_local(context),
      .command_line = context.command_line,
      .on_iteration =
          [&](const loop::IterationMetrics& iteration, const loop::Totals& totals) {
            // quill.log has every line; stderr has them where no progress is drawn.
            const auto log = context.progress == ProgressStyle::none ? log_info : log_debug;
            log(iteration_line(iteration, config.iterations));
            progress.advance(
                iteration.iteration,
                fmt::format("kept {}, success {}", totals.distinct, percent(totals.success_rate)));
          },
  };
  if (config.dry_run)
    return show_estimate(context, config, run);
  const loop::RestemSummary summary = loop::run_restem(config, run);
  context.out.result(to_json(summary), summary_text(summary, context.out.styled()));
  if (!summary.reason.empty())
    log_warn(summary.reason);
  if (!summary.resume_command.empty())
    log_warn("stopped and saved; go on with: " + summary.resume_command);
  return summary.exit;
}

} // namespace

Command restem_command() {
  auto config = std::make_shared<loop::RestemConfig>();
  return {
      .name = "restem",
      .group = "making training data",
      .summary = "the loop: ask for faster queries, judge them, keep what passes, repeat",
      .details = "Writes in --out: run.db (the truth), training_data.json, metrics.json, "
                 "checkpoint_<iteration>.json, quill.log.\nA run that was stopped or killed goes "
                 "on with --resume and the same options. Exit code 1 when fewer than "
                 "--require-kept examples were kept or less than --require-success of the "
                 "candidates.",
      .examples = {"quill restem --db data/test.db",
                   "quill restem --blueprint shop --iterations 2 --candidates 2 --measure steps",
                   "quill restem --db data/test.db --provider openai --model gpt-4o-mini",
                   "quill restem --db data/test.db --provider local --model DIR --adapter ADAPTER"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_restem(context, *config); },
      .needs_model =
          [config] {
            return !config->dry_run &&
                   (needs_network(config->llm) || config->judge_provider == "local");
          },
  };
}

} // namespace quill::cli
