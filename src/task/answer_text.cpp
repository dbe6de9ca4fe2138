#include "task/answer_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "quill/sql/name.hpp"

namespace quill::task {

namespace {

using sql::lower;

std::string without_spans(std::string_view text, std::string_view open, std::string_view close) {
  std::string kept;
  while (true) {
    const std::size_t at = text.find(open);
    kept.append(text.substr(0, at));
    const std::size_t end = at == std::string_view::npos ? at : text.find(close, at);
    if (end == std::string_view::npos)
      return kept;
    text.remove_prefix(end + close.size());
  }
}

void escape_into(std::string& out, char c) {
  switch (c) {
  case '\n':
    out += "\\n";
    break;
  case '\r':
    out += "\\r";
    break;
  case '\t':
    out += "\\t";
    break;
  default:
    out += c;
  }
}

} // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Result<std::string> said_in(std::string_view answer) {
  if (answer.size() > kAnswerBytesMax)
    return Failure{fmt::format("the answer has {} bytes, at most {} are read", answer.size(),
                               kAnswerBytesMax)};
  std::string said(trim(without_thoughts(answer)));
  if (said.empty())
    return Failure{"the answer is empty"};
  return said;
}

std::string without_thoughts(std::string_view answer) {
  const std::string text =
      without_spans(without_spans(answer, "<think>", "</think>"), "<thinking>", "</thinking>");
  // Some servers send the end of a thought without its beginning.
  const std::size_t stray = text.rfind("</think>");
  return stray == std::string::npos ? text : text.substr(stray + 8);
}

std::vector<Fence> fences(std::string_view text, std::size_t count_max) {
  std::vector<Fence> found;
  while (found.size() < count_max) {
    const std::size_t open = text.find("```");
    if (open == std::string_view::npos)
      break;
    const std::size_t line_end = text.find('\n', open);
    if (line_end == std::string_view::npos)
      break;
    const std::string language = lower(trim(text.substr(open + 3, line_end - open - 3)));
    const std::size_t close = text.find("```", line_end);
    found.push_back({language, trim(text.substr(line_end + 1, close == std::string_view::npos
                                                                  ? close
                                                                  : close - line_end - 1))});
    if (close == std::string_view::npos)
      break;
    text.remove_prefix(close + 3);
  }
  return found;
}

bool begins_like_sql(std::string_view text) {
  constexpr std::array<std::string_view, 4> kFirstWords{"select", "with", "create", "values"};
  const std::string_view first = trim(text);
  return std::any_of(kFirstWords.begin(), kFirstWords.end(), [&](std::string_view word) {
    return first.size() > word.size() && std::equal(word.begin(), word.end(), first.begin(),
                                                    [](char a, char b) { return a == (b | 0x20); });
  });
}

bool is_sql(const Fence& fence) {
  return fence.language.starts_with("sql") ||
         (fence.language.empty() && begins_like_sql(fence.body));
}

std::optional<std::string> object_at(std::string_view text, std::size_t at) {
  std::string object;
  int depth = 0;
  bool in_string = false, escaped = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      escape_into(object, c);
      in_string = escaped || c != '"';
      escaped = !escaped && c == '\\';
      continue;
    }
    object += c;
    in_string = c == '"';
    depth += static_cast<int>(c == '{') - static_cast<int>(c == '}');
    if (depth == 0)
      return object;
  }
  return std::nullopt;
}

} // namespace quill::task
