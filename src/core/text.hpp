// Small pure functions on text that several files of core need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace quill::text {

/// One terminal line: control characters (newline too) as escapes, so that quoted foreign bytes
/// can neither add lines nor move the cursor.
[[nodiscard]] std::string printable(std::string_view text);

/// At most `bytes_max` bytes, cut between UTF-8 characters, with "…" where something was left out.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t bytes_max);

/// Line and column (bytes), both from 1, of byte `offset`; offsets past the end mean the end.
[[nodiscard]] std::pair<std::size_t, std::size_t> line_and_column(std::string_view text,
                                                                  std::size_t offset);

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text); ///< ASCII only, whatever the locale
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

/// `from` replaced by `to` everywhere; `from` must not be empty.
[[nodiscard]] std::string replaced(std::string_view text, std::string_view from,
                                   std::string_view to);

} // namespace quill::text
