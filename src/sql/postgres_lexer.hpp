// Tokens of PostgreSQL's and DuckDB's spelling.
#pragma once

#include <string_view>

#include "quill/sql/text.hpp"

namespace quill::sql {

/// One token at a time, as PostgreSQL's scan.l cuts the text.
class PostgresLexer {
 public:
  /// With `question_marks` a ? is a parameter, as in DuckDB, not part of an operator.
  PostgresLexer(std::string_view text, bool question_marks)
      : text_(text), question_marks_(question_marks) {}
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

  [[nodiscard]] bool is_parameter_mark() const { return question_marks_ && peek() == '?'; }

  std::string_view text_;
  bool question_marks_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

} // namespace quill::sql
