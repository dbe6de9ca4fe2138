#include "llm/sse.hpp"

#include <array>
#include <optional>

namespace quill::llm {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark))
    text.remove_prefix(kByteOrderMark.size());
  return text;
}

/// Takes a line off the front; nullopt when no line end is left.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find_first_of("\r\n");
  if (end == std::string_view::npos)
    return std::nullopt;
  const std::string_view line = text.substr(0, end);
  const bool two = text.substr(end, 2) == "\r\n";
  text.remove_prefix(end + (two ? 2 : 1));
  return line;
}

/// The value of a `data` line, one space after the colon left out; nullopt for other lines.
std::optional<std::string_view> data_of(std::string_view line) {
  if (line == "data")
    return std::string_view();
  if (!line.starts_with("data:"))
    return std::nullopt;
  line.remove_prefix(5);
  if (line.starts_with(' '))
    line.remove_prefix(1);
  return line;
}

} // namespace

std::vector<std::string> sse_data(std::string_view body) {
  std::vector<std::string> events;
  std::optional<std::string> data;
  std::string_view rest = without_mark(body);
  while (const auto line = take_line(rest)) {
    if (line->empty()) {
      if (data)
        events.push_back(std::move(*data));
      data.reset();
    } else if (const auto value = data_of(*line)) {
      data = data ? *data + '\n' : std::string();
      *data += *value;
    }
  }
  return events;
}

bool looks_like_sse(std::string_view body) {
  std::string_view text = without_mark(body);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  constexpr std::array<std::string_view, 5> kFields = {"data:", "event:", "id:", "retry:", ":"};
  for (const std::string_view field : kFields)
    if (text.starts_with(field))
      return true;
  return false;
}

} // namespace quill::llm
