// quill suite list — the suites of a folder.
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "quill/optimize/suite.hpp"

namespace quill::cli {

namespace {

struct SuiteListConfig {
  std::filesystem::path folder = ".";
  void fields(FieldList& list) { list.add("folder", &folder, "folder whose suites are listed"); }
};

Exit run_suite_list(Context& context, const SuiteListConfig& config) {
  Table table{
      .columns =
          {{"suite"}, {"name"}, {"engine"}, {"scale", true}, {"queries", true}, {"state", true}},
      .rows = {}};
  Json list = Json::array();
  for (const auto& suite : optimize::suites_below(config.folder)) {
    const auto& header = suite.header();
    const auto scale = header.scale ? fmt::format("{:g}", *header.scale) : "";
    table.rows.push_back({suite.folder().string(), header.name,
                          std::string(engine::to_string(header.engine)), scale,
                          std::to_string(suite.ids().size()), std::to_string(suite.state())});
    list.push_back({{"suite", suite.folder().string()},
                    {"name", header.name},
                    {"engine", engine::to_string(header.engine)},
                    {"scale", header.scale ? Json(*header.scale) : Json(nullptr)},
                    {"queries", suite.ids().size()},
                    {"state", suite.state()}});
  }
  context.out.result(list, format_table(table, context.out.styled()));
  return list.empty() ? Exit::negative : Exit::ok;
}

} // namespace

Command suite_list_command() {
  auto config = std::make_shared<SuiteListConfig>();
  return {
      .name = "suite list",
      .group = "whole benchmarks",
      .summary = "list the suites of a folder",
      .details =
          "JSON: [{\"suite\", \"name\", \"engine\", \"scale\", \"queries\", \"state\"}]. Exit "
          "code 1 when there is none.",
      .examples = {"quill suite list"},
      .formats = Formats::any,
      .fields = [config](FieldList& list) { config->fields(list); },
      .run = [config](Context& context) { return run_suite_list(context, *config); },
  };
}

} // namespace quill::cli
