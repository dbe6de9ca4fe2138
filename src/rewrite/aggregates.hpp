// Expressions made of aggregates: taken apart, so that the aggregates can be computed elsewhere.
#pragma once

#include <functional>
#include <vector>

#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// Is `expr` made of literals, operators, functions and at least one of count, sum, total, avg,
/// min, max, with no column outside of them, no window and no sub-query? (group_concat depends on
/// the order of rows and is left alone.)
[[nodiscard]] bool is_aggregate_expression(const sql::Expr& expr);
/// The aggregate if `expr` itself is one; null else.
[[nodiscard]] const sql::Call* aggregate_call(const sql::Expr& expr);
/// Replaces each aggregate in `slot` by what `replacement` makes of it.
void replace_aggregates(sql::ExprPtr& slot,
                        const std::function<sql::ExprPtr(const sql::Expr&)>& replacement);
/// NULL for no rows: sum, avg, min, max and arithmetic over them, without count or total.
[[nodiscard]] bool is_null_without_rows(const sql::Expr& expr);
/// What the aggregate gives for no rows: 0 for count, 0.0 for total, null pointer for NULL.
[[nodiscard]] sql::ExprPtr value_without_rows(const sql::Call& aggregate);
/// A name for the column that holds it: "sum_amount", "row_count".
[[nodiscard]] std::string column_name(const sql::Call& aggregate);

} // namespace quill::rewrite
