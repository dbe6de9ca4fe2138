// Small text functions of this room.
#pragma once

#include <string>
#include <string_view>

namespace quill::eval {

/// ASCII letters only.
[[nodiscard]] std::string lower(std::string_view text);
/// `from`, which is not empty, replaced by `to` everywhere.
[[nodiscard]] std::string replaced(std::string_view text, std::string_view from,
                                   std::string_view to);

} // namespace quill::eval
