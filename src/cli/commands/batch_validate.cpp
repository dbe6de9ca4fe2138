// quill batch validate — do the winners of a run hold? The clock alone.
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/batch_text.hpp"
#include "quill/core/log.hpp"

namespace quill::cli {

namespace {

struct BatchValidateConfig {
  std::filesystem::path suite = "duckdb_tpcds";
  std::string timing = "trimmed5";
  std::string measure = "time";
  std::int64_t timeout_ms = 300'000;
  std::int64_t memory_mb = 2048;

  void fields(FieldList& list) {
    list.add("suite", &suite, "folder of the suite");
    list.add("timing", &timing,
             "3run: three runs, the first is dropped; trimmed5: five, the fastest and the slowest "
             "are dropped")
        .one_of({"3run", "trimmed5"});
    list.add("measure", &measure, "time, or the VM steps of SQLite, which repeat")
        .one_of({"time", "steps"});
    list.add("timeout_ms", &timeout_ms, "longest run of a query").in("ms").at_least(1);
    list.add("memory_mb", &memory_mb, "memory of a query's run").in("MB").range(16, 1 << 20);
  }

  [[nodiscard]] judge::JudgeConfig judge() const {
    judge::JudgeConfig out;
    out.timeout_ms = timeout_ms;
    out.memory_mb = memory_mb;
    out.trust = "fast"; // what is proven once is compared here on the database alone
    out.timing = timing;
    out.measure = measure;
    out.readability = "off";
    out.min_speedup = 1.10;
    return out;
  }
};

Exit run_batch_validate(Context& context, const BatchValidateConfig& config) {
  const auto suite = optimize::Suite::open(config.suite);
  const auto at = place_of(suite, context);
  BatchTable table(context.progress, "batch validate", suite.ids().size());
  const auto report = optimize::validate_batch(
      at, config.judge(), [&](const optimize::BatchEvent& event) { table.add(event); });
  if (context.cancel.requested())
    return context.cancel.exit();
  const auto board = read_leaderboard(suite, suite.state());
  write_leaderboard(suite, board);
  Json document = to_json(board);
  document["winners"] = report.winners;
  document["hold"] = report.hold;
  document["lost"] = report.lost;
  context.out.result(
      document, leaderboard_text(board, context.out.styled()) +
                    fmt::format("{} of {} winners hold{}\n", report.hold, report.winners,
                                report.lost.empty()
                                    ? ""
                                    : fmt::format("; lost: {}", fmt::join(report.lost, ", "))));
  return report.lost.empty() ? Exit::ok : Exit::negative;
}

} // namespace

Command batch_validate_command() {
  auto config = std::make_shared<BatchValidateConfig>();
  return {
      .name = "batch validate",
      .group = "whole benchmarks",
      .summary = "time the winners of a run once more, alone on the machine",
      .details = "From then on the leaderboard shows these figures. Winners that were validated "
                 "already are left.\n"
                 "JSON: that of batch leaderboard, with \"winners\", \"hold\" and \"lost\": [id]. "
                 "Exit code 1 when a winner is none by this clock.",
      .examples = {"quill batch validate --suite duckdb_tpcds --timing trimmed5"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_batch_validate(context, *config); },
  };
}

} // namespace quill::cli
