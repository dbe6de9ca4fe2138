#include "rewrite/range.hpp"

namespace quill::rewrite {

sql::ExprPtr bound(const sql::Column& column, std::string_view op, const std::string& text) {
  return sql::binary(std::string(op), sql::expr(sql::Column(column)), sql::text(text));
}

sql::ExprPtr within(const sql::Column& column, const Period& range) {
  return sql::both(bound(column, ">=", range.low), bound(column, "<", range.high));
}

sql::ExprPtr within_any(const sql::Column& column, const std::vector<Period>& ranges) {
  auto any = within(column, ranges.front());
  for (std::size_t i = 1; i < ranges.size(); ++i)
    any = sql::binary("OR", std::move(any), within(column, ranges[i]));
  return any;
}

sql::ExprPtr compared(const sql::Column& column, std::string_view op, const Period& range) {
  if (op == "=")
    return within(column, range);
  if (op == "<>")
    return sql::binary("OR", bound(column, "<", range.low), bound(column, ">=", range.high));
  if (op == "<")
    return bound(column, "<", range.low);
  if (op == "<=")
    return bound(column, "<", range.high);
  return op == ">" ? bound(column, ">=", range.high) : bound(column, ">=", range.low);
}

sql::ExprPtr within_listed(const sql::Column& column, const sql::InList& in,
                           const PeriodOf& period_of) {
  if (in.negated || in.items.empty())
    return nullptr;
  std::vector<Period> ranges;
  for (const auto& item : in.items) {
    auto range = period_of(*item);
    if (!range)
      return nullptr;
    ranges.push_back(std::move(*range));
  }
  return within_any(column, merged(std::move(ranges)));
}

} // namespace quill::rewrite
