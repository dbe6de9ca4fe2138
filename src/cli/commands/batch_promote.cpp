// quill batch promote — validated winners become the baseline of the next state.
#include <memory>

#include <fmt/format.h>

#include "cli/batch_text.hpp"
#include "quill/core/clock.hpp"

namespace quill::cli {

namespace {

struct BatchPromoteConfig {
  std::filesystem::path suite = "duckdb_tpcds";
  double min_speedup = 1.05;

  void fields(FieldList& list) {
    list.add("suite", &suite, "folder of the suite");
    list.add("min_speedup", &min_speedup, "least validated speedup of what is promoted")
        .at_least(1);
  }
};

Exit run_batch_promote(Context& context, const BatchPromoteConfig& config) {
  const auto suite = optimize::Suite::open(config.suite);
  const auto promotion = optimize::promote_batch(suite, config.min_speedup, system_clock().utc());
  context.out.result(
      {{"state", promotion.state}, {"promoted", promotion.promoted}},
      fmt::format("{} queries start from their winner in state {}; the others stay\n",
                  promotion.promoted.size(), promotion.state));
  return Exit::ok;
}

} // namespace

Command batch_promote_command() {
  auto config = std::make_shared<BatchPromoteConfig>();
  return {
      .name = "batch promote",
      .group = "whole benchmarks",
      .summary = "make validated winners the baseline of the suite's next state",
      .details = "Only statements that batch validate found faster, with the same rows; never "
                 "indexes. Each is kept in gold/, the state that ended in history.json.\n"
                 "JSON: {\"state\", \"promoted\": [id]}.",
      .examples = {"quill batch promote --suite duckdb_tpcds"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_batch_promote(context, *config); },
  };
}

} // namespace quill::cli
