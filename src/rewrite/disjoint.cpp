#include "rewrite/disjoint.hpp"

#include <algorithm>

#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

/// Two literals of one kind with different values; false when in doubt.
bool differ(const sql::Expr& a, const sql::Expr& b) {
  if (const auto* text = text_value(a))
    return text_value(b) != nullptr && *text != *text_value(b);
  const auto x = number_value(a);
  const auto y = number_value(b);
  return x && y && *x != *y;
}

/// The literals that `condition` allows for its column: `c = l` or `c IN (l, …)`, compared plainly.
struct Allowed {
  const sql::Column* column = nullptr;
  std::vector<const sql::Expr*> literals;
};

Allowed allowed(const sql::Expr& condition, const sql::Scope& scope) {
  Allowed out;
  if (const auto* in = condition.as<sql::InList>(); in != nullptr && !in->negated) {
    out.column = in->arg->as<sql::Column>();
    for (const auto& item : in->items)
      out.literals.push_back(item.get());
  } else if (const auto found = comparison_with_literal(condition); found && found->op == "=") {
    out.column = found->left->as<sql::Column>();
    out.literals.push_back(found->right);
  }
  const auto* info = out.column == nullptr ? nullptr : scope.info(*out.column);
  const bool plain = info != nullptr &&
                     std::all_of(out.literals.begin(), out.literals.end(),
                                 [&](const auto* one) { return compares_plainly(*info, *one); });
  return plain ? out : Allowed{};
}

bool contradict(const Allowed& a, const Allowed& b, const sql::Scope& scope) {
  if (a.column == nullptr || b.column == nullptr ||
      scope.find(*a.column) != scope.find(*b.column) || !same_name(a.column->name, b.column->name))
    return false;
  return std::all_of(a.literals.begin(), a.literals.end(), [&](const auto* x) {
    return std::all_of(b.literals.begin(), b.literals.end(),
                       [&](const auto* y) { return differ(*x, *y); });
  });
}

bool contradict(const sql::Query& a, const sql::Query& b, const sql::Scope& scope) {
  for (const auto* x : sql::conjuncts(a.select()->where.get()))
    for (const auto* y : sql::conjuncts(b.select()->where.get()))
      if (contradict(allowed(*x, scope), allowed(*y, scope), scope))
        return true;
  return false;
}

/// The literals an output column can hold; empty when anything.
std::vector<const sql::Expr*> output_values(const sql::Query& arm, std::size_t position,
                                            const sql::Scope& scope) {
  const auto& expr = *arm.select()->items[position].expr;
  if (is_literal(expr))
    return {&expr};
  const auto* column = expr.as<sql::Column>();
  if (column == nullptr)
    return {};
  for (const auto* condition : sql::conjuncts(arm.select()->where.get())) {
    auto found = allowed(*condition, scope);
    if (found.column != nullptr && scope.find(*found.column) == scope.find(*column) &&
        same_name(found.column->name, column->name))
      return found.literals;
  }
  return {};
}

} // namespace

bool are_disjoint_filters(const SetArms& set, const sql::Scope& scope) {
  for (std::size_t i = 0; i < set.arms.size(); ++i)
    for (std::size_t j = i + 1; j < set.arms.size(); ++j)
      if (!contradict(*set.arms[i], *set.arms[j], scope))
        return false;
  return true;
}

bool are_disjoint_outputs(const sql::Query& a, const sql::Query& b, const sql::Schema& schema) {
  const auto has_star = [](const sql::SelectItem& item) {
    return item.expr->as<sql::Star>() != nullptr;
  };
  const auto& items = a.select()->items;
  const auto& others = b.select()->items;
  if (items.size() != others.size() || std::any_of(items.begin(), items.end(), has_star) ||
      std::any_of(others.begin(), others.end(), has_star))
    return false;
  const sql::Scope a_scope(a, schema);
  const sql::Scope b_scope(b, schema);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto x = output_values(a, i, a_scope);
    const auto y = output_values(b, i, b_scope);
    const bool apart = std::all_of(x.begin(), x.end(), [&](const auto* left) {
      return std::all_of(y.begin(), y.end(),
                         [&](const auto* right) { return differ(*left, *right); });
    });
    if (!x.empty() && !y.empty() && apart)
      return true;
  }
  return false;
}

} // namespace quill::rewrite
