// Small text functions of this room.
#pragma once

#include <string>
#include <string_view>

#include "quill/sql/name.hpp"

namespace quill::eval {

using sql::lower;
/// `from`, which is not empty, replaced by `to` everywhere.
[[nodiscard]] std::string replaced(std::string_view text, std::string_view from,
                                   std::string_view to);

} // namespace quill::eval
