// Words of SQLite's language: which are keywords, and what a quoted one names.
#pragma once

#include <string>
#include <string_view>

#include "quill/sql/name.hpp"

namespace quill::sql {

/// A word that SQLite's grammar may read as something else than a name (sqlite.org/lang_keywords).
[[nodiscard]] bool is_keyword(std::string_view word);
/// The content of a token that may be a name: "a""b" → a"b, [a] → a, `a` → a, 'a' → a, a → a.
[[nodiscard]] std::string unquoted(std::string_view token);
[[nodiscard]] bool is_word_start(char c);
[[nodiscard]] bool is_word_char(char c);

} // namespace quill::sql
