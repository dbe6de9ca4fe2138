// From SQLite's spelling to PostgreSQL's grammar, at token level.
//
// Every name becomes n<k>, every literal and parameter $<k>, every CAST type t<k>: PostgreSQL sees
// only the structure, so its keywords, its folding of case and its 63-byte names do not matter.
// Operators are spelled so that its precedence is SQLite's: `||`, `->`, `->>` as ^ (above *), `~`
// as a unary minus, INTERSECT as EXCEPT ALL (all set operators bind alike). What was meant is kept
// by byte offset. Where no spelling gives SQLite's grouping (two comparisons in a row, for
// instance) the statement is refused.
#pragma once

#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "quill/sql/dialect.hpp"
#include "quill/sql/text.hpp"
#include "quill/sql/tree.hpp"

namespace quill::sql {

/// Thrown inside the room only; parse() makes a Failure of it.
struct Refusal {
  std::string what;
};

struct SpelledName {
  std::string text;
  bool double_quoted = false;
  bool in_words = false; ///< CURRENT_DATE and its kin, spelled as a call
  std::string hint = {}; ///< of a table: NOT INDEXED, INDEXED BY
};
/// `FROM a, b`, and a join without ON: the grammar wants a condition, so it gets one of these.
enum class JoinMark { none, comma, cross };
/// The only item of the list in `x IN ()`.
struct NoItems {};
using SpelledValue = std::variant<Literal, Parameter, JoinMark, NoItems>;

/// The call that wraps the condition of `CROSS JOIN … ON`, and the alias of a sub-query without
/// one.
inline constexpr const char* kCrossOn = "cross_on";
inline constexpr const char* kNoAlias = "no_alias";
inline constexpr const char* kNoAliasOfDuckdb = "\x01"; ///< names there are the user's own

struct Spelled {
  Dialect dialect =
      Dialect::sqlite;              ///< all but SQLite's keep names, literals and types as they are
  std::string text;                 ///< in PostgreSQL's grammar
  std::vector<SpelledName> names;   ///< n0, n1, …
  std::vector<SpelledValue> values; ///< $1, $2, …
  std::vector<std::string> types;   ///< t0, t1, …
  std::unordered_map<std::size_t, std::string> operators; ///< by byte offset in `text`
};

/// \throws Refusal
[[nodiscard]] Spelled spell_for_postgres(std::vector<Token> tokens, const TextCaps& caps);
/// PostgreSQL's or DuckDB's own tokens, joined again: what the lexer saw is what the grammar sees.
/// Parameters become $<k>; DuckDB's spellings that differ by a token become PostgreSQL's.
/// \throws Refusal
[[nodiscard]] Spelled respell(Dialect dialect, const std::vector<Token>& tokens,
                              std::string_view sql);

} // namespace quill::sql
