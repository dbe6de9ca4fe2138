// quill runs show — one run: how it was called, with which settings, what came of it.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/run_text.hpp"
#include "quill/loop/recorded.hpp"

namespace quill::cli {

namespace {

std::string settings_text(const Json& settings, bool styled) {
  if (settings.empty())
    return "";
  Table table{.columns = {{"setting"}, {"value"}}, .rows = {}};
  for (const auto& [key, value] : settings.items())
    table.rows.push_back({key, value.is_string() ? value.get<std::string>() : dump_json(value)});
  return "\n" + format_table(table, styled);
}

std::string to_text(const loop::RecordedRun& run, bool styled) {
  std::string text = fmt::format("{}{}\n", run.analysis.source.string(),
                                 run.analysis.finished ? "" : " (the run is not finished)");
  if (!run.command_line.empty())
    text += fmt::format("{}\nquill {}\n", run.command_line, run.version);
  return text + "\n" + totals_text(run.analysis.totals, styled) +
         settings_text(run.settings, styled);
}

} // namespace

Command runs_show_command() {
  auto folder = std::make_shared<std::filesystem::path>("data/stage1");
  return {
      .name = "runs show",
      .group = "making training data",
      .summary = "one run: its command line, settings and totals",
      .details = "JSON: what `quill analyze` prints, with \"command_line\", \"version\" and "
                 "\"settings\".",
      .examples = {"quill runs show data/stage1"},
      .formats = Formats::any,
      .fields =
          [folder](FieldList& list) {
            list.add_positional("run", folder.get(), "run folder; default data/stage1");
          },
      .run =
          [folder](Context& context) {
            const loop::RecordedRun run = loop::read_recorded_run(*folder);
            context.out.result(to_json(run), to_text(run, context.out.styled()));
            return Exit::ok;
          },
  };
}

} // namespace quill::cli
