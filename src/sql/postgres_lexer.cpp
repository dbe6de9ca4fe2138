#include "sql/postgres_lexer.hpp"

#include <fmt/format.h>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
bool is_operator_char(char c) {
  return c != '\0' && std::string_view("~!@#^&|`?+-*/%<>=").find(c) != std::string_view::npos;
}
bool is_tag_char(char c) {
  return is_word_char(c) && c != '$';
}

/// Operators may end in + or - only when one of these is in them.
bool may_end_in_sign(std::string_view op) {
  return op.find_first_of("~!@#^&|`?%") != std::string_view::npos;
}

} // namespace

char PostgresLexer::peek(std::size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
}

template <class Test> void PostgresLexer::skip(const Test& test) {
  while (at_ < text_.size() && test(text_[at_]))
    ++at_;
}

Token PostgresLexer::token(TokenKind kind) const {
  return {kind, text_.substr(start_, at_ - start_), start_};
}

Failure PostgresLexer::failure(std::string_view what) const {
  return {fmt::format("{} at byte {}", what, start_)};
}

Result<Token> PostgresLexer::next() {
  skip(is_space);
  start_ = at_;
  if (at_ == text_.size())
    return token(TokenKind::punct);
  return scan();
}

Result<Token> PostgresLexer::scan() {
  const char c = text_[at_];
  if (c == '-' && peek(1) == '-')
    return line_comment();
  if (c == '/' && peek(1) == '*')
    return block_comment();
  if (c == '\'')
    return quoted('\'', TokenKind::string, false);
  if (c == '"')
    return quoted('"', TokenKind::quoted_name, false);
  if (const auto prefix = string_prefix(); prefix > 0)
    return prefixed(prefix);
  if (is_digit(c) || (c == '.' && is_digit(peek(1))))
    return number();
  if (is_word_start(c))
    return skip(is_word_char), token(TokenKind::word);
  if (c == '$')
    return dollar();
  if (is_parameter_mark())
    return ++at_, skip(is_digit), token(TokenKind::parameter);
  if (is_operator_char(c))
    return operators();
  return symbol();
}

Result<Token> PostgresLexer::line_comment() {
  at_ = std::min(text_.find_first_of("\n\r", at_), text_.size());
  return token(TokenKind::comment);
}

Result<Token> PostgresLexer::block_comment() {
  std::size_t depth = 0;
  while (at_ < text_.size()) {
    if (peek() == '/' && peek(1) == '*') {
      ++depth, at_ += 2;
    } else if (peek() == '*' && peek(1) == '/') {
      at_ += 2;
      if (--depth == 0)
        return token(TokenKind::comment);
    } else {
      ++at_;
    }
  }
  return failure("comment without its end");
}

Result<Token> PostgresLexer::quoted(char quote, TokenKind kind, bool backslashes) {
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == '\0')
      return failure("NUL byte in a quoted text");
    if (backslashes && text_[at_] == '\\') {
      ++at_;
      continue;
    }
    if (text_[at_] != quote)
      continue;
    if (peek(1) != quote)
      return ++at_, token(kind);
    ++at_;
  }
  return failure(quote == '"' ? "quoted name without its closing quote"
                              : "string without its closing quote");
}

// E'…', B'…', X'…', N'…', U&'…', U&"…"
std::size_t PostgresLexer::string_prefix() const {
  const char c = lower(text_.substr(at_, 1))[0];
  if ((c == 'e' || c == 'b' || c == 'x' || c == 'n') && peek(1) == '\'')
    return 1;
  return c == 'u' && peek(1) == '&' && (peek(2) == '\'' || peek(2) == '"') ? 2 : 0;
}

Result<Token> PostgresLexer::prefixed(std::size_t prefix) {
  const char kind = lower(text_.substr(at_, 1))[0];
  at_ += prefix;
  const bool is_name = peek() == '"';
  return quoted(peek(), is_name ? TokenKind::quoted_name : TokenKind::string, kind == 'e');
}

// $1 is a parameter, $name one of DuckDB's, $tag$ … $tag$ a string.
Result<Token> PostgresLexer::dollar() {
  ++at_;
  if (is_digit(peek()))
    return skip(is_digit), token(TokenKind::parameter);
  skip(is_tag_char);
  if (peek() != '$')
    return at_ - start_ > 1 ? Result<Token>(token(TokenKind::parameter))
                            : Result<Token>(failure("'$' without a name"));
  ++at_;
  const auto tag = text_.substr(start_, at_ - start_);
  const auto end = text_.find(tag, at_);
  if (end == std::string_view::npos)
    return failure("string without its closing dollar tag");
  at_ = end + tag.size();
  return token(TokenKind::string);
}

Result<Token> PostgresLexer::number() {
  skip(is_digit);
  if (peek() == '.' && peek(1) != '.') {
    ++at_;
    skip(is_digit);
  }
  const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
  if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
    at_ += 1 + sign;
    skip(is_digit);
  }
  if (is_word_char(peek()))
    return failure("malformed number");
  return token(TokenKind::number);
}

Result<Token> PostgresLexer::operators() {
  while (is_operator_char(peek()) && !is_parameter_mark()) {
    const bool comment = (peek() == '-' && peek(1) == '-') || (peek() == '/' && peek(1) == '*');
    if (comment && at_ > start_)
      break;
    ++at_;
  }
  while (at_ - start_ > 1 && (text_[at_ - 1] == '+' || text_[at_ - 1] == '-') &&
         !may_end_in_sign(text_.substr(start_, at_ - start_)))
    --at_;
  return token(TokenKind::op);
}

Result<Token> PostgresLexer::symbol() {
  const auto rest = text_.substr(at_);
  if (rest.starts_with("::") || rest.starts_with(":="))
    return at_ += 2, token(TokenKind::op);
  if (rest[0] != '\0' && std::string_view("(),.;[]{}:").find(rest[0]) != std::string_view::npos)
    return ++at_, token(TokenKind::punct);
  return failure(fmt::format("unexpected byte 0x{:02x}", static_cast<unsigned char>(rest[0])));
}

} // namespace quill::sql
