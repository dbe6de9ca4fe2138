#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/settings_layers.hpp"
#include "core/text.hpp"
#include "quill/core/error.hpp"

namespace quill {

namespace {

bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool is_name_char(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && is_name_start(name.front()) &&
         std::all_of(name.begin(), name.end(), is_name_char);
}

[[noreturn]] void refuse_line(std::string_view what, const std::string& place) {
  throw Error{Exit::usage,
              {.what = std::string(what), .where = place, .fix = "write KEY=value, one a line"}};
}

char unescaped(char c) {
  switch (c) {
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return c; // \" \\ \$ \`
  }
}

void refuse_rest(std::string_view rest, const std::string& place) {
  rest = text::trimmed(rest);
  if (!rest.empty() && rest.front() != '#')
    refuse_line("text after the closing quote", place);
}

std::string double_quoted(std::string_view text, const std::string& place) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      refuse_rest(text.substr(i + 1), place);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size())
      value += unescaped(text[++i]);
    else
      value += text[i];
  }
  refuse_line("a double quote is not closed", place);
}

std::string single_quoted(std::string_view text, const std::string& place) {
  const std::size_t end = text.find('\'', 1);
  if (end == std::string_view::npos)
    refuse_line("a single quote is not closed", place);
  refuse_rest(text.substr(end + 1), place);
  return std::string(text.substr(1, end - 1));
}

/// A # begins a comment only after a blank, so that a value may hold one.
std::string unquoted(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t'))
      return std::string(text::trimmed(text.substr(0, i)));
  return std::string(text::trimmed(text));
}

std::string value_of(std::string_view text, const std::string& place) {
  if (!text.empty() && text.front() == '"')
    return double_quoted(text, place);
  if (!text.empty() && text.front() == '\'')
    return single_quoted(text, place);
  return unquoted(text);
}

std::string_view without_export(std::string_view line) {
  constexpr std::string_view kExport = "export ";
  return line.substr(0, kExport.size()) == kExport ? text::trimmed(line.substr(kExport.size()))
                                                   : line;
}

} // namespace

std::vector<Assignment> parse_dotenv(std::string_view text, std::string_view file) {
  std::vector<Assignment> found;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = without_export(text::trimmed(text.substr(0, end)));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#')
      continue;
    const std::string place = fmt::format("{}:{}", file, number);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      refuse_line("a line without =", place);
    const std::string_view name = text::trimmed(line.substr(0, equals));
    if (!is_variable_name(name))
      refuse_line("no variable name before =", place);
    found.push_back(
        {std::string(name), {value_of(text::trimmed(line.substr(equals + 1)), place)}, place});
  }
  return found;
}

std::string environment_name(std::string_view key) {
  std::string name = "QUILL_";
  for (const char c : key)
    name += c == '.' || c == '-'     ? '_'
            : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A')
                                     : c;
  return name;
}

bool is_secret_name(std::string_view variable) {
  constexpr std::array<std::string_view, 5> kNames = {
      "OPENAI_API_KEY", "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY", "ANTHROPIC_API_KEY", "HF_TOKEN"};
  return std::find(kNames.begin(), kNames.end(), variable) != kNames.end();
}

bool is_reserved_variable(std::string_view variable) {
  constexpr std::array<std::string_view, 4> kNames = {"QUILL_DATA_DIR", "QUILL_LIBEXEC",
                                                      "QUILL_SHARED_DATA", "QUILL_CRASH_AT"};
  return std::find(kNames.begin(), kNames.end(), variable) != kNames.end();
}

} // namespace quill
