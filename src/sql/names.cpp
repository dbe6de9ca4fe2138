#include "sql/names.hpp"

#include <algorithm>
#include <array>

#include "quill/sql/parse.hpp"
#include "sql/keywords.hpp"

namespace quill::sql {
namespace {

// sqlite.org/lang_keywords.html, with TRUE and FALSE, which are literals unless quoted.
constexpr auto kKeywords = std::to_array<std::string_view>({
    "abort",
    "action",
    "add",
    "after",
    "all",
    "alter",
    "always",
    "analyze",
    "and",
    "as",
    "asc",
    "attach",
    "autoincrement",
    "before",
    "begin",
    "between",
    "by",
    "cascade",
    "case",
    "cast",
    "check",
    "collate",
    "column",
    "commit",
    "conflict",
    "constraint",
    "create",
    "cross",
    "current",
    "current_date",
    "current_time",
    "current_timestamp",
    "database",
    "default",
    "deferrable",
    "deferred",
    "delete",
    "desc",
    "detach",
    "distinct",
    "do",
    "drop",
    "each",
    "else",
    "end",
    "escape",
    "except",
    "exclude",
    "exclusive",
    "exists",
    "explain",
    "fail",
    "false",
    "filter",
    "first",
    "following",
    "for",
    "foreign",
    "from",
    "full",
    "generated",
    "glob",
    "group",
    "groups",
    "having",
    "if",
    "ignore",
    "immediate",
    "in",
    "index",
    "indexed",
    "initially",
    "inner",
    "insert",
    "instead",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "key",
    "last",
    "left",
    "like",
    "limit",
    "match",
    "materialized",
    "natural",
    "no",
    "not",
    "nothing",
    "notnull",
    "null",
    "nulls",
    "of",
    "offset",
    "on",
    "or",
    "order",
    "others",
    "outer",
    "over",
    "partition",
    "plan",
    "pragma",
    "preceding",
    "primary",
    "query",
    "raise",
    "range",
    "recursive",
    "references",
    "regexp",
    "reindex",
    "release",
    "rename",
    "replace",
    "restrict",
    "returning",
    "right",
    "rollback",
    "row",
    "rows",
    "savepoint",
    "select",
    "set",
    "table",
    "temp",
    "temporary",
    "then",
    "ties",
    "to",
    "transaction",
    "trigger",
    "true",
    "unbounded",
    "union",
    "unique",
    "update",
    "using",
    "vacuum",
    "values",
    "view",
    "virtual",
    "when",
    "where",
    "window",
    "with",
    "within",
    "without",
});

constexpr char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr char upper_char(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

bool is_plain(std::string_view name) {
  return !name.empty() && is_word_start(name[0]) && std::ranges::all_of(name, is_word_char);
}

std::string doubled(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char c : text) {
    result += c;
    if (c == quote)
      result += c;
  }
  return result += quote;
}

} // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower_char);
  return result;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), upper_char);
  return result;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower_char, lower_char);
}

bool is_keyword(std::string_view word) {
  return std::ranges::binary_search(kKeywords, std::string_view(lower(word)));
}

// SQLite: letters, '_', and every byte from 0x80 up.
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word_char(char c) {
  return is_word_start(c) || (c >= '0' && c <= '9') || c == '$';
}

std::string unquoted(std::string_view token) {
  if (token.size() < 2)
    return std::string(token);
  const char open = token.front();
  if (open == '[')
    return std::string(token.substr(1, token.size() - 2));
  if (open != '"' && open != '`' && open != '\'')
    return std::string(token);
  std::string result;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    result += token[i];
    if (token[i] == open)
      ++i;
  }
  return result;
}

std::string quoted_name(std::string_view name) {
  return is_plain(name) && !is_keyword(name) ? std::string(name) : doubled(name, '"');
}

// Unquoted words fold to lower case in PostgreSQL; in DuckDB case does not matter.
std::string quoted_name(std::string_view name, Dialect dialect) {
  if (dialect == Dialect::sqlite)
    return quoted_name(name);
  const auto plain = [dialect](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (dialect == Dialect::duckdb && c >= 'A' && c <= 'Z');
  };
  const bool word = !name.empty() && is_word_start(name[0]) && std::ranges::all_of(name, plain);
  return word && !is_keyword(name, dialect) ? std::string(name) : doubled(name, '"');
}

std::string quoted_text(std::string_view text) {
  return doubled(text, '\'');
}

} // namespace quill::sql
