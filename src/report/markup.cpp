#include "report/markup.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quill/sql/name.hpp"
#include "quill/sql/text.hpp"

namespace quill::report {

namespace {

/// Words of a SELECT and of CREATE INDEX, sorted.
constexpr std::array kKeywords = std::to_array<std::string_view>({
    "ALL",     "AND",          "AS",      "ASC",       "BETWEEN",   "BY",     "CASE",  "CAST",
    "COLLATE", "CREATE",       "CROSS",   "DESC",      "DISTINCT",  "ELSE",   "END",   "ESCAPE",
    "EXCEPT",  "EXISTS",       "FILTER",  "FROM",      "FULL",      "GLOB",   "GROUP", "HAVING",
    "IN",      "INDEX",        "INNER",   "INTERSECT", "IS",        "JOIN",   "LEFT",  "LIKE",
    "LIMIT",   "MATERIALIZED", "NATURAL", "NOT",       "NULL",      "OFFSET", "ON",    "OR",
    "ORDER",   "OUTER",        "OVER",    "PARTITION", "RECURSIVE", "RIGHT",  "ROWS",  "SELECT",
    "THEN",    "UNION",        "UNIQUE",  "USING",     "VALUES",    "WHEN",   "WHERE", "WINDOW",
    "WITH",
});
static_assert(std::is_sorted(kKeywords.begin(), kKeywords.end()));

bool is_keyword(std::string_view word) {
  const auto upper = sql::upper(word);
  return std::binary_search(kKeywords.begin(), kKeywords.end(), std::string_view(upper));
}

/// "" for what is not set apart.
std::string_view class_of(const sql::Token& token) {
  switch (token.kind) {
  case sql::TokenKind::word:
    return is_keyword(token.text) ? "k" : "";
  case sql::TokenKind::string:
  case sql::TokenKind::blob:
    return "s";
  case sql::TokenKind::number:
    return "n";
  default:
    return "";
  }
}

std::string span(std::string_view css_class, std::string_view text) {
  if (css_class.empty())
    return escaped(text);
  return fmt::format("<span class=\"{}\">{}</span>", css_class, escaped(text));
}

/// What stands between two tokens: blanks, and comments when there is more.
std::string gap(std::string_view text) {
  const bool blank = text.find_first_not_of(" \t\n\r\f") == std::string_view::npos;
  return span(blank ? "" : "c", text);
}

} // namespace

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
    }
  }
  return out;
}

std::string script_json(const Json& value) {
  std::string out;
  for (const char c : dump_json(value))
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

std::string highlighted(std::string_view sql) {
  const auto tokens = sql::tokenize(sql);
  if (!tokens)
    return escaped(sql);
  std::string out;
  std::size_t at = 0;
  for (const sql::Token& token : tokens.value()) {
    out += gap(sql.substr(at, token.offset - at)) + span(class_of(token), token.text);
    at = token.offset + token.text.size();
  }
  return out + gap(sql.substr(at));
}

} // namespace quill::report
