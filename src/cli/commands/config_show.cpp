// quill config show — every setting, its value, and where it came from.
#include <algorithm>
#include <memory>
#include <set>

#include "cli/command.hpp"

namespace quill::cli {

namespace {

struct ConfigShowConfig {
  bool origin = false;
  std::string command;
};

/// Settings shared by several commands are shown once.
std::vector<Settings::Line> all_lines(Context& context, const std::string& only) {
  CommonConfig common;
  std::vector<FieldList> lists = {common_fields(common, Formats::any)};
  for (const Command& command : context.commands)
    if (only.empty() || command.name == only)
      lists.push_back(own_fields(command));
  std::set<std::string> seen;
  std::vector<Settings::Line> lines;
  for (FieldList& list : lists) {
    for (Field& field : list.all())
      field.required = false; // what a run of that command must give is not asked for here
    context.settings.apply(list);
    for (std::size_t i = 0; Settings::Line & line : context.settings.resolved(list))
      if (!list.all()[i++].key.empty() && seen.insert(line.key).second)
        lines.push_back(std::move(line));
  }
  return lines;
}

void check_command(const Context& context, const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : context.commands)
    names.push_back(command.name);
  if (name.empty() || std::find(names.begin(), names.end(), name) != names.end())
    return;
  const std::string near = nearest_word(name, names);
  throw Error{Exit::usage,
              {.what = "there is no command \"" + name + "\"",
               .where = "--command",
               .fix = near.empty() ? "see `quill --help`" : "did you mean \"" + near + "\"?"}};
}

Exit show(Context& context, const ConfigShowConfig& config) {
  check_command(context, config.command);
  Json document = {{"format_version", kFormatVersion}, {"settings", Json::array()}};
  Table table{.columns = {{"setting"}, {"value"}}, .rows = {}};
  if (config.origin)
    table.columns.push_back({"origin"});
  for (const Settings::Line& line : all_lines(context, config.command)) {
    Json row = {{"key", line.key}, {"value", line.value}};
    table.rows.push_back({line.key, line.value});
    if (config.origin) {
      row["origin"] = line.origin.place;
      table.rows.back().push_back(line.origin.place);
    }
    document["settings"].push_back(std::move(row));
  }
  context.out.result(document, format_table(table, context.out.styled()));
  return Exit::ok;
}

} // namespace

Command config_show_command() {
  auto config = std::make_shared<ConfigShowConfig>();
  return {
      .name = "config show",
      .group = "about Quill",
      .summary = "print every setting with its value and origin",
      .details = "Settings come, weakest first, from: default, ~/.config/quill/config.toml, "
                 "./quill.toml, --config FILE, .env, the environment (QUILL_*), flags. Keys of "
                 "model providers are never printed.",
      .examples = {"quill config show --origin", "quill config show --command restem --json"},
      .formats = Formats::any,
      .fields =
          [config](FieldList& list) {
            list.add("origin", &config->origin, "say where each value came from");
            list.add("command", &config->command, "only the settings of this command");
          },
      .run = [config](Context& context) { return show(context, *config); },
  };
}

} // namespace quill::cli
