#include "rewrite/aggregates.hpp"

#include <algorithm>
#include <array>

#include "quill/sql/walk.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

constexpr std::array kOrderFree{"count", "sum", "total", "avg", "min", "max"};

bool is_free_of_columns(const sql::Expr& expr, bool& aggregated) {
  if (aggregate_call(expr) != nullptr) {
    aggregated = true;
    return true;
  }
  if (expr.as<sql::Column>() != nullptr || expr.as<sql::Star>() != nullptr)
    return false;
  const auto* call = expr.as<sql::Call>();
  if (call != nullptr && (call->over || sql::is_aggregate_name(call->name, call->args.size())))
    return false;
  bool free = true;
  auto copy = sql::clone(expr);
  each_child(*copy, [&](sql::ExprPtr& child) { free &= is_free_of_columns(*child, aggregated); });
  return free;
}

} // namespace

const sql::Call* aggregate_call(const sql::Expr& expr) {
  const auto* call = expr.as<sql::Call>();
  if (call == nullptr || call->over || !sql::is_aggregate_name(call->name, call->args.size()))
    return nullptr;
  const bool order_free = std::any_of(kOrderFree.begin(), kOrderFree.end(),
                                      [&](const char* name) { return call->name == name; });
  return order_free ? call : nullptr;
}

bool is_aggregate_expression(const sql::Expr& expr) {
  bool aggregated = false;
  return !sql::has_subquery(expr) && is_free_of_columns(expr, aggregated) && aggregated;
}

void replace_aggregates(sql::ExprPtr& slot,
                        const std::function<sql::ExprPtr(const sql::Expr&)>& replacement) {
  if (aggregate_call(*slot) != nullptr) {
    slot = replacement(*slot);
    return;
  }
  each_child(*slot, [&](sql::ExprPtr& child) { replace_aggregates(child, replacement); });
}

bool is_null_without_rows(const sql::Expr& expr) {
  if (const auto* call = aggregate_call(expr))
    return value_without_rows(*call) == nullptr;
  const auto* binary = expr.as<sql::Binary>();
  if (binary == nullptr || std::string_view("+-*/").find(binary->op) == std::string_view::npos)
    return false;
  const auto nullish = [](const sql::Expr& side) { return is_null_without_rows(side); };
  return nullish(*binary->left) || nullish(*binary->right);
}

sql::ExprPtr value_without_rows(const sql::Call& aggregate) {
  if (aggregate.name == "count")
    return sql::integer(0);
  if (aggregate.name == "total")
    return sql::expr(sql::Literal{sql::Literal::Kind::real, "0.0"});
  return nullptr;
}

std::string column_name(const sql::Call& aggregate) {
  if (aggregate.star || aggregate.args.empty())
    return "row_count";
  const auto* column = aggregate.args[0]->as<sql::Column>();
  return aggregate.name + "_" + (column == nullptr ? "value" : lower(column->name));
}

} // namespace quill::rewrite
