#include "cli/help.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace quill::cli {

namespace {

constexpr std::size_t kLineWidth = 96;
constexpr std::size_t kHelpColumn = 30;

/// Words of `text` in lines of at most kLineWidth columns, continued at `indent`.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const bool first = out.empty();
    if (!first && column + 1 + word.size() > kLineWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string paragraph(const std::string& text) {
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    out += wrapped(std::string_view(text).substr(begin, end - begin), 0, 0) + "\n";
    begin = end + 1;
  }
  return out;
}

std::string option_lines(const Field& field) {
  std::string head = "  " + field.flag;
  if (const std::string value = placeholder(field); !value.empty())
    head += " " + value;
  std::string help = field.help;
  if (const std::string more = facts(field); !more.empty())
    help += " (" + more + ")";
  if (head.size() + 2 > kHelpColumn)
    head += "\n" + std::string(kHelpColumn, ' ');
  else
    head.resize(kHelpColumn, ' ');
  return head + wrapped(help, kHelpColumn, kHelpColumn) + "\n";
}

std::string section(const std::string& title, const FieldList& fields) {
  std::string out;
  for (const Field& field : fields.all())
    if (!field.flag.empty())
      out += option_lines(field);
  return out.empty() ? "" : "\n" + title + ":\n" + out;
}

} // namespace

std::string overview(const std::vector<Command>& commands) {
  std::string out = "quill finds faster SQL, proves by execution that the rows are the same, and "
                    "keeps what it\nfound as training data.\n\nusage: quill COMMAND [options]\n";
  std::string group;
  for (const Command& command : commands) {
    if (command.hidden)
      continue;
    if (command.group != group)
      out += "\n" + command.group + ":\n";
    group = command.group;
    out += fmt::format("  {:<14}{}\n", command.name, command.summary);
  }
  return out + "\n`quill COMMAND --help` tells the options of a command, `quill --version` the "
               "version.\n";
}

std::string command_help(const Command& command) {
  std::string out = fmt::format("quill {}: {}\n\nusage: {}\n", command.name, command.summary,
                                usage_line(command));
  if (!command.details.empty())
    out += "\n" + paragraph(command.details);
  CommonConfig common;
  out += section("options", own_fields(command));
  out += section("common options", common_fields(common, command.formats));
  if (!command.examples.empty())
    out += "\nexamples:\n";
  for (const std::string& example : command.examples)
    out += "  " + example + "\n";
  return out;
}

} // namespace quill::cli
