// quill runs ls — the runs below a folder.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/run_text.hpp"
#include "quill/loop/recorded.hpp"

namespace quill::cli {

namespace {

std::vector<std::string> cells(const loop::ListedRun& run) {
  if (!run.problem.empty())
    return {run.folder.string(), "unreadable: " + run.problem, "", "", "", ""};
  const loop::Totals& totals = run.totals;
  return {run.folder.string(),
          run.finished ? "finished" : "not finished",
          std::to_string(totals.iterations),
          std::to_string(totals.examples),
          percent(totals.success_rate),
          totals.cost_usd ? fmt::format("{:.4f}", *totals.cost_usd) : "-"};
}

Exit list(Context& context, const std::filesystem::path& folder) {
  Json document{{"format_version", kFormatVersion}, {"runs", Json::array()}};
  Table table{.columns = {{"run"},
                          {"state"},
                          {"iterations", true},
                          {"examples", true},
                          {"success", true},
                          {"USD", true}},
              .rows = {}};
  for (const loop::ListedRun& run : loop::list_runs(folder)) {
    document["runs"].push_back(to_json(run));
    table.rows.push_back(cells(run));
  }
  context.out.result(document, table.rows.empty() ? fmt::format("no run in {}\n", folder.string())
                                                  : format_table(table, context.out.styled()));
  return Exit::ok;
}

} // namespace

Command runs_ls_command() {
  auto folder = std::make_shared<std::filesystem::path>("data");
  return {
      .name = "runs ls",
      .group = "making training data",
      .summary = "the runs below a folder, with what came of them",
      .details = "Looks in the folder and two levels below it.\nJSON: {\"runs\": [{\"folder\", "
                 "\"problem\", \"finished\", \"totals\"}]}; a run that cannot be read has a "
                 "problem and nothing else.",
      .examples = {"quill runs ls", "quill runs ls experiments --json"},
      .formats = Formats::any,
      .fields =
          [folder](FieldList& list) {
            list.add_positional("folder", folder.get(), "where to look; default data");
          },
      .run = [folder](Context& context) { return list(context, *folder); },
  };
}

} // namespace quill::cli
