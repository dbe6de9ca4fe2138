// docs/reference.md and docs/quill.1: the help of every command on one page each.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "cli/help.hpp"

namespace quill::cli {

namespace {

constexpr std::array<std::pair<int, const char*>, 9> kExitCodes = {{
    {0, "done"},
    {1, "done, with a negative or partial answer"},
    {2, "usage, configuration or a bad input file"},
    {3, "an outside service refused (model API, database server)"},
    {4, "a budget was reached"},
    {5, "storage failed"},
    {70, "a bug in Quill"},
    {130, "interrupted (SIGINT) after a clean save"},
    {143, "terminated (SIGTERM) after a clean save"},
}};

std::string replaced_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// A cell of a Markdown table.
std::string cell(std::string text) {
  return replaced_all(std::move(text), "|", "\\|");
}

std::string help_with_facts(const Field& field) {
  const std::string more = facts(field);
  return more.empty() ? field.help : fmt::format("{} ({})", field.help, more);
}

std::string markdown_table(const FieldList& fields) {
  std::string out;
  for (const Field& field : fields.all()) {
    if (field.flag.empty())
      continue;
    const std::string value = placeholder(field);
    const std::string flag = value.empty() ? field.flag : field.flag + " " + value;
    const std::string key = field.key.empty() ? "" : fmt::format("`{}`", field.key);
    out += fmt::format("| `{}` | {} | {} |\n", cell(flag), key, cell(help_with_facts(field)));
  }
  return out.empty() ? "" : "\n| option | setting | meaning |\n|---|---|---|\n" + out;
}

std::string markdown_command(const Command& command) {
  std::string out = fmt::format("\n## quill {}\n\n{}.\n\n    {}\n", command.name, command.summary,
                                usage_line(command));
  if (!command.details.empty())
    out += "\n" + replaced_all(command.details, "\n", "\n\n") + "\n";
  out += markdown_table(own_fields(command));
  if (command.formats == Formats::none)
    out += "\nIts result is text.\n";
  if (command.formats == Formats::json_only)
    out += "\nOf the printing options only `--json`: `--format` is its own.\n";
  if (!command.examples.empty())
    out += fmt::format("\n```sh\n{}\n```\n", fmt::join(command.examples, "\n"));
  return out;
}

/// troff: backslashes, and a dot or quote that begins a line, are taken literally; every hyphen is
/// one that can be typed.
std::string troff(std::string text) {
  text = replaced_all(std::move(text), "\\", "\\e");
  text = replaced_all(std::move(text), "-", "\\-");
  text = replaced_all(std::move(text), "\n", "\n.br\n");
  return text.starts_with(".") || text.starts_with("'") ? "\\&" + text : text;
}

std::string troff_fields(const FieldList& fields) {
  std::string out;
  for (const Field& field : fields.all())
    if (!field.flag.empty())
      out += fmt::format(".TP\n\\fB{}\\fR {}\n{}\n", troff(field.flag), troff(placeholder(field)),
                         troff(help_with_facts(field)));
  return out;
}

std::string troff_command(const Command& command) {
  std::string out = fmt::format(".SS quill {}\n{}.\n.PP\n.B {}\n", troff(command.name),
                                troff(command.summary), troff(usage_line(command)));
  if (!command.details.empty())
    out += fmt::format(".PP\n{}\n", troff(command.details));
  out += troff_fields(own_fields(command));
  for (const std::string& example : command.examples)
    out += fmt::format(".PP\nExample:\n.B {}\n", troff(example));
  return out;
}

} // namespace

std::string reference_markdown(const std::vector<Command>& commands) {
  std::string out =
      "# Reference\n\n<!-- made by `quill help --markdown`; a test compares it -->\n\n"
      "Every command and option. A setting can also stand in a configuration file under its key, "
      "and in the\nenvironment; see [configuration](configuration.md).\n";
  for (const Command& command : commands)
    if (!command.hidden)
      out += markdown_command(command);
  CommonConfig common;
  out +=
      "\n## Options of every command\n\n`--format` and `--json` only where there is a result.\n" +
      markdown_table(common_fields(common, Formats::any));
  out += "\n## Exit codes\n\n| code | meaning |\n|---|---|\n";
  for (const auto& [code, meaning] : kExitCodes)
    out += fmt::format("| {} | {} |\n", code, meaning);
  return out;
}

std::string man_page(const std::vector<Command>& commands) {
  std::string out = fmt::format(".TH QUILL 1 \"\" \"quill {}\" \"User Commands\"\n.SH NAME\n"
                                "quill \\- find faster SQL and prove that the rows are the same\n"
                                ".SH SYNOPSIS\n.B quill\n.I COMMAND\n[options]\n.SH COMMANDS\n",
                                QUILL_VERSION);
  for (const Command& command : commands)
    if (!command.hidden)
      out += troff_command(command);
  CommonConfig common;
  out += ".SH OPTIONS OF EVERY COMMAND\n" + troff_fields(common_fields(common, Formats::any));
  out += ".SH EXIT STATUS\n";
  for (const auto& [code, meaning] : kExitCodes)
    out += fmt::format(".TP\n.B {}\n{}\n", code, troff(meaning));
  return out;
}

} // namespace quill::cli
