// quill knowledge stats — what paid in finished work, by rule, strategy and model.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/optimize/statistics.hpp"

namespace quill::cli {

namespace {

struct StatsConfig {
  std::filesystem::path place;

  void fields(FieldList& list) {
    list.add_positional("PLACE", &place, "folder with answers of `quill optimize --json`, or one")
        .needed();
  }
};

void add_rows(Table& table, const char* by, const std::vector<optimize::Tally>& tallies) {
  for (const auto& tally : tallies)
    table.rows.push_back({by, tally.name, fmt::format("{}", tally.tried),
                          fmt::format("{}", tally.wins), fmt::format("{}", tally.improved),
                          fmt::format("{}", tally.regressions), fmt::format("{}", tally.errors),
                          fmt::format("{:.2f}x", tally.geomean())});
}

Exit run_stats(Context& context, const StatsConfig& config) {
  const auto statistics = optimize::read_statistics(config.place);
  Table table{.columns = {{"by"},
                          {"name"},
                          {"tried", true},
                          {"wins", true},
                          {"improved", true},
                          {"regressions", true},
                          {"errors", true},
                          {"geomean", true}},
              .rows = {}};
  add_rows(table, "rule", statistics.rules);
  add_rows(table, "strategy", statistics.strategies);
  add_rows(table, "model", statistics.models);
  context.out.result(
      to_json(statistics),
      format_table(table, context.out.styled()) +
          fmt::format("{} candidates of {} answers\n", statistics.candidates, statistics.answers));
  return statistics.answers > 0 ? Exit::ok : Exit::negative;
}

} // namespace

Command knowledge_stats_command() {
  auto config = std::make_shared<StatsConfig>();
  return {
      .name = "knowledge stats",
      .group = "making queries faster",
      .summary = "count what paid in finished work, by rule, strategy and model",
      .details = "JSON: {\"answers\", \"candidates\", \"rules\": [{\"name\", \"tried\", \"wins\", "
                 "\"improved\", \"neutral\", \"regressions\", \"errors\", \"geomean\", \"best\"}], "
                 "\"strategies\": [...], \"models\": [...]}. Exit code 1 when there is no answer.",
      .examples = {"quill knowledge stats data/answers"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_stats(context, *config); },
  };
}

} // namespace quill::cli
