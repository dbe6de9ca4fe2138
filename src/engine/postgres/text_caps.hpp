// Statements that would break a parser by their depth, found before one sees them.
#pragma once

#include <string>
#include <string_view>

namespace quill::engine::postgres {

/// "" or which cap the statement passes: nesting, or operators in one chain. Strings, quoted names,
/// dollar quotes and comments are skipped as PostgreSQL does.
[[nodiscard]] std::string excess_of(std::string_view sql);

} // namespace quill::engine::postgres
