// Half-open ranges of a column as conditions.
#pragma once

#include <functional>
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

/// `column` in one of the periods that the items of `in` name; null where it is negated or an item
/// names none.
using PeriodOf = std::function<std::optional<Period>(const sql::Expr&)>;
[[nodiscard]] sql::ExprPtr within_listed(const sql::Column& column, const sql::InList& in,
                                         const PeriodOf& period_of);

} // namespace quill::rewrite
