// Tokens of PostgreSQL's and DuckDB's spelling.
#pragma once

#include <string_view>

#include "quill/sql/text.hpp"

namespace quill::sql {

/// One token at a time, as PostgreSQL's scan.l cuts the text.
class PostgresLexer {
 public:
  explicit PostgresLexer(std::string_view text) : text_(text) {}
  /// The next token, comments included; text is empty at the end.
  Result<Token> next();

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const;
  template <class Test> void skip(const Test& test);
  [[nodiscard]] Token token(TokenKind kind) const;
  [[nodiscard]] Failure failure(std::string_view what) const;

  Result<Token> scan();
  Result<Token> line_comment();
  Result<Token> block_comment();
  Result<Token> quoted(char quote, TokenKind kind, bool backslashes);
  Result<Token> prefixed(std::size_t prefix);
  [[nodiscard]] std::size_t string_prefix() const;
  Result<Token> dollar();
  Result<Token> number();
  Result<Token> operators();
  Result<Token> symbol();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

} // namespace quill::sql
