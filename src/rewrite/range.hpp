// Half-open ranges of a column as conditions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/tree.hpp"
#include "rewrite/calendar.hpp"

namespace quill::rewrite {

/// `column op text`.
[[nodiscard]] sql::ExprPtr bound(const sql::Column& column, std::string_view op,
                                 const std::string& text);
/// low <= column < high.
[[nodiscard]] sql::ExprPtr within(const sql::Column& column, const Period& range);
/// Within any of them; the ranges are not empty.
[[nodiscard]] sql::ExprPtr within_any(const sql::Column& column, const std::vector<Period>& ranges);
/// `f(column) op value`, where f gives the name of the range its column lies in, and `range` is
/// what `value` names.
[[nodiscard]] sql::ExprPtr compared(const sql::Column& column, std::string_view op,
                                    const Period& range);

} // namespace quill::rewrite
