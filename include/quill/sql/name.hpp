// Names and words of SQL: case counts for nothing, and only ASCII has case.
#pragma once

#include <string>
#include <string_view>

namespace quill::sql {

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);
[[nodiscard]] bool same_name(std::string_view a, std::string_view b);

} // namespace quill::sql
