#include "eval/spider_text.hpp"

#include <algorithm>
#include <array>

#include "eval/words.hpp"
#include "quill/sql/text.hpp"

namespace quill::eval {

namespace {

/// A token that changes how deep the statement is nested, in the eyes of the official splitter.
int depth_change(const sql::Token& token) {
  if (token.text == "(")
    return 1;
  return token.text == ")" || lower(token.text) == "end" ? -1 : 0;
}

/// Where the first statement ends: behind the first semicolon outside parentheses.
std::size_t first_statement_end(const std::vector<sql::Token>& tokens, std::size_t size) {
  int depth = 0;
  for (const sql::Token& token : tokens) {
    depth += depth_change(token);
    if (token.text == ";" && depth <= 0)
      return token.offset + 1;
  }
  return size;
}

/// The query, or, where prose that is no SQL stands behind a semicolon, what is before it.
std::string_view readable_part(std::string_view query) {
  constexpr int kTriesMax = 16;
  if (sql::tokenize(query))
    return query;
  std::size_t end = 0;
  for (int i = 0; i < kTriesMax; ++i) {
    end = query.find(';', end);
    if (end == std::string_view::npos)
      break;
    if (const auto front = query.substr(0, ++end); sql::tokenize(front))
      return front;
  }
  return query;
}

constexpr std::string_view kBlanks = " \t\n\r\f\v";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(kBlanks, at), text.size());
}

/// The end of YEAR(CURDATE()) and the blanks behind it when it stands at `at` of `text`, which is
/// in lower case; else npos.
std::size_t current_year_end(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 6> kParts = {"year", "(", "curdate", "(", ")", ")"};
  for (const std::string_view part : kParts) {
    if (text.substr(at, part.size()) != part)
      return std::string_view::npos;
    at = skip_blanks(text, at + part.size());
  }
  return at;
}

std::string with_current_year(std::string_view query) {
  const std::string text = lower(query);
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = 0; (at = text.find("year", at)) != std::string::npos; ++at) {
    const std::size_t end = at < copied ? std::string::npos : current_year_end(text, at);
    if (end == std::string::npos)
      continue;
    out.append(query.substr(copied, at - copied)).append("2020");
    copied = end;
  }
  return out.append(query.substr(copied));
}

} // namespace

std::string with_placeholders_filled(std::string_view predicted) {
  return replaced(predicted, "value", "1");
}

std::string as_executed(std::string_view query) {
  return with_current_year(
      replaced(replaced(replaced(query, "> =", ">="), "< =", "<="), "! =", "!="));
}

std::string without_distinct(std::string_view query) {
  const std::string_view readable = readable_part(query);
  const auto tokens = sql::tokenize(readable);
  if (!tokens) // it will not run either
    return std::string(query);
  const std::size_t end = first_statement_end(tokens.value(), query.size());
  std::string text;
  std::size_t copied = 0;
  for (const sql::Token& token : tokens.value()) {
    if (token.offset >= end || token.kind != sql::TokenKind::word ||
        lower(token.text) != "distinct")
      continue;
    text += query.substr(copied, token.offset - copied);
    copied = token.offset + token.text.size();
  }
  return text + std::string(query.substr(copied, end - copied));
}

bool order_matters(std::string_view gold) {
  return lower(gold).find("order by") != std::string::npos;
}

bool is_blank(std::string_view query) {
  const auto tokens = sql::tokenize(query);
  return tokens && tokens.value().empty();
}

bool has_parameters(std::string_view query) {
  const auto tokens = sql::tokenize(query);
  return tokens && std::any_of(tokens.value().begin(), tokens.value().end(), [](const auto& token) {
           return token.kind == sql::TokenKind::parameter;
         });
}

} // namespace quill::eval
