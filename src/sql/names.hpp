// Words of SQLite's language: comparing them without case, and knowing which are keywords.
#pragma once

#include <string>
#include <string_view>

namespace quill::sql {

/// ASCII only, as SQLite does it.
[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

/// A word that SQLite's grammar may read as something else than a name (sqlite.org/lang_keywords).
[[nodiscard]] bool is_keyword(std::string_view word);
/// The content of a token that may be a name: "a""b" → a"b, [a] → a, `a` → a, 'a' → a, a → a.
[[nodiscard]] std::string unquoted(std::string_view token);
[[nodiscard]] bool is_word_start(char c);
[[nodiscard]] bool is_word_char(char c);

} // namespace quill::sql
