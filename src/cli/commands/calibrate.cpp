// quill calibrate — can the clock of this machine be trusted?
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/core/clock.hpp"
#include "quill/judge/calibrate.hpp"

namespace quill::cli {

namespace {

std::string percent_of(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

std::string upper(const judge::Share& share) {
  return fmt::format("{} of {} (at most {})", share.count, share.trials,
                     percent_of(share.at_most()));
}

std::string lower(const judge::Share& share) {
  return fmt::format("{} of {} (at least {})", share.count, share.trials,
                     percent_of(share.at_least()));
}

std::string calibration_text(const judge::Calibration& calibration,
                             const judge::CalibrateConfig& config, bool styled) {
  Table table{.columns = {{"timing"},
                          {"itself >= 1.10x, claimed"},
                          {"whatever the noise"},
                          {fmt::format("{}x found", config.slower)},
                          {"noise", true},
                          {"runs", true},
                          {"keeps"}},
              .rows = {}};
  for (const judge::Calibrated& each : calibration.timings)
    table.rows.push_back({each.timing, upper(each.false_calls), upper(each.false_bare),
                          lower(each.found), percent_of(each.noise),
                          fmt::format("{:.1f}", each.runs), each.keeps() ? "yes" : "no"});
  return format_table(table, styled) +
         fmt::format("{}; queries of {} us to {} ms; sequential looks at the {} clock; a warm "
                     "worker costs {:.3f} ms a statement\n",
                     calibration.engine, config.shortest_us, config.longest_ms, calibration.clock,
                     calibration.worker_ms);
}

Exit run_calibrate(Context& context, const judge::CalibrateConfig& config) {
  config.check();
  Progress progress(context.progress, "trials", config.trials);
  const auto calibration = judge::calibrate(config, system_clock(), context.cancel,
                                            [&](std::int64_t done) { progress.advance(done); });
  context.out.result(to_json(calibration, config),
                     calibration_text(calibration, config, context.out.styled()));
  if (context.cancel.requested())
    return context.cancel.exit();
  return calibration.keeps() ? Exit::ok : Exit::negative;
}

} // namespace

Command calibrate_command() {
  auto config = std::make_shared<judge::CalibrateConfig>();
  return {
      .name = "calibrate",
      .group = "judging and looking",
      .summary = "the clock on this machine: a query against itself, and against a slower one",
      .details =
          "Queries of random length over a table of numbers are timed as evaluate times them. "
          "Against itself a query should not be called 1.10x faster; against one that is --slower "
          "times slower it should. Each share has the end of its one-sided 95 % interval.\nJSON: "
          "{\"clock\": \"processor|wall\", \"worker_ms\", \"keeps\", \"timings\": [{\"timing\", "
          "\"against_itself\": {\"count\", \"trials\", \"share\", \"at_most_95\", "
          "\"at_least_95\"}, \"against_itself_without_noise\", \"against_slower\", \"noise\", "
          "\"runs\", \"keeps\"}]}.\nExit code 0 when at most 1 % of the queries are called faster "
          "than themselves and at least 95 % of the slower ones are found, else 1.",
      .examples = {"quill calibrate", "quill calibrate --timing all --trials 300 --longest-ms 200"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_calibrate(context, *config); },
  };
}

} // namespace quill::cli
