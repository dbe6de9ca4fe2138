// SQL as text: tokens, statements, fingerprints. Pure; never allocates beyond its caps.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/sql/dialect.hpp"

namespace quill::sql {

/// Caps before any parser sees a statement (100,000 chained terms crash libpg_query).
struct TextCaps {
  std::size_t bytes = 1U << 20U;
  std::size_t tokens = 20'000;
  std::size_t nesting = 200; ///< parentheses and CASE
  std::size_t operator_chain =
      500; ///< operators at one nesting level between two commas or keywords
};

enum class TokenKind { word, quoted_name, string, blob, number, parameter, op, punct, comment };

struct Token {
  TokenKind kind;
  std::string_view text; ///< into the statement, quotes included
  std::size_t offset;
};

/// Tokens of SQLite's spelling (backticks, [brackets], x'00', "--", "/*"), comments left out.
/// A failure names the byte offset (unterminated string, illegal byte) or the cap that was passed.
[[nodiscard]] Result<std::vector<Token>> tokenize(std::string_view sql, const TextCaps& caps = {});
/// The same in any dialect; PostgreSQL and DuckDB have dollar quotes, E'' strings, nested comments
/// and operators of their own. Brackets and braces are punct there.
[[nodiscard]] Result<std::vector<Token>> tokenize(Dialect dialect, std::string_view sql,
                                                  const TextCaps& caps = {});

/// The non-empty statements of a script, without their semicolons and outer blanks.
[[nodiscard]] Result<std::vector<std::string>> split_statements(std::string_view script,
                                                                const TextCaps& caps = {});
[[nodiscard]] Result<std::vector<std::string>>
split_statements(Dialect dialect, std::string_view script, const TextCaps& caps = {});

/// Same text up to blanks, comments, letter case of unquoted words and keywords: equal iff the
/// queries are duplicates of each other. 16 hex digits; text that does not tokenize is hashed as it
/// is.
[[nodiscard]] std::string fingerprint(std::string_view sql);

/// True when the first word is CREATE [UNIQUE] INDEX.
[[nodiscard]] bool is_create_index(std::string_view statement);

} // namespace quill::sql
