#include "judge/outline.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "quill/sql/name.hpp"
#include "quill/sql/text.hpp"

namespace quill::judge {

namespace {

using sql::lower;

using sql::Token;
using sql::TokenKind;
using Tokens = std::vector<Token>;

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

/// Of all engines: none has a function of another's name that is not volatile.
constexpr std::array<std::string_view, 11> kAlwaysVolatile{"random",
                                                           "randomblob",
                                                           "changes",
                                                           "total_changes",
                                                           "last_insert_rowid",
                                                           "now",
                                                           "today",
                                                           "clock_timestamp",
                                                           "statement_timestamp",
                                                           "transaction_timestamp",
                                                           "get_current_timestamp"};
constexpr std::array<std::string_view, 5> kClockWords{
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"};
/// https://www.sqlite.org/lang_datefunc.html: without a time value they mean 'now'.
constexpr std::array<std::string_view, 6> kDateFunctions{"date",      "time",      "datetime",
                                                         "julianday", "unixepoch", "strftime"};
constexpr std::array<std::string_view, 3> kRealMakers{"sum", "avg", "total"};

bool is_punct(const Tokens& tokens, std::size_t at, std::string_view text) {
  return at < tokens.size() && tokens[at].text == text && tokens[at].kind != TokenKind::string &&
         tokens[at].kind != TokenKind::quoted_name;
}

bool is_word(const Tokens& tokens, std::size_t at, std::string_view word) {
  return at < tokens.size() && tokens[at].kind == TokenKind::word && lower(tokens[at].text) == word;
}

/// The call's arguments as token positions: [open + 1, close).
std::size_t close_of(const Tokens& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < tokens.size(); ++at) {
    depth += is_punct(tokens, at, "(") ? 1 : 0;
    depth -= is_punct(tokens, at, ")") ? 1 : 0;
    if (depth == 0)
      return at;
  }
  return tokens.size();
}

/// date() and strftime('%Y') mean now; so does any argument 'now'.
bool asks_the_clock(const Tokens& tokens, std::size_t name) {
  const std::size_t close = close_of(tokens, name + 1);
  const std::size_t format_only = lower(tokens[name].text) == "strftime" ? 1 : 0;
  if (close - (name + 2) <= format_only)
    return true;
  for (std::size_t at = name + 2; at < close; ++at)
    if (tokens[at].kind == TokenKind::string && lower(tokens[at].text) == "'now'")
      return true;
  return false;
}

bool is_volatile_at(const Tokens& tokens, std::size_t at) {
  if (tokens[at].kind != TokenKind::word)
    return false;
  const std::string word = lower(tokens[at].text);
  if (among(kClockWords, word))
    return true;
  if (!is_punct(tokens, at + 1, "("))
    return false;
  return among(kAlwaysVolatile, word) ||
         (among(kDateFunctions, word) && asks_the_clock(tokens, at));
}

bool makes_reals_at(const Tokens& tokens, std::size_t at) {
  if (tokens[at].kind == TokenKind::op || tokens[at].kind == TokenKind::punct)
    return tokens[at].text == "/";
  return tokens[at].kind == TokenKind::word && is_punct(tokens, at + 1, "(") &&
         among(kRealMakers, lower(tokens[at].text));
}

} // namespace

Outline outline(std::string_view sql) {
  Outline out;
  const auto read = sql::tokenize(sql);
  if (!read) {
    out.ordered = true;
    return out;
  }
  const Tokens& tokens = read.value();
  int depth = 0;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    depth += is_punct(tokens, at, "(") ? 1 : 0;
    depth -= is_punct(tokens, at, ")") ? 1 : 0;
    out.ordered |= depth == 0 && is_word(tokens, at, "order") && is_word(tokens, at + 1, "by");
    out.limited |= depth == 0 && is_word(tokens, at, "limit");
    out.computes_reals |= makes_reals_at(tokens, at);
    if (out.volatile_call.empty() && is_volatile_at(tokens, at))
      out.volatile_call = lower(tokens[at].text);
  }
  return out;
}

} // namespace quill::judge
