// Which words must be quoted to be names, and which calls are words of the grammar.
#pragma once

#include <string_view>

#include "quill/sql/dialect.hpp"

namespace quill::sql {

/// Not a column or table name unless quoted.
[[nodiscard]] bool is_keyword(std::string_view word, Dialect dialect);
/// Not a function name unless quoted.
[[nodiscard]] bool is_reserved_function(std::string_view word, Dialect dialect);
/// PostgreSQL reads `word(…)` as syntax of its own: coalesce, greatest, …
[[nodiscard]] bool is_call_of_grammar(std::string_view word);
/// CURRENT_DATE and its kin: a call without parentheses.
[[nodiscard]] bool is_bare_call(std::string_view word);

} // namespace quill::sql
