#include "quill/sql/tree.hpp"

#include <utility>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

const Binary* as_and(const Expr& expr) {
  const auto* node = expr.as<Binary>();
  return node && node->op == "AND" ? node : nullptr;
}

void collect(const Expr& expr, std::vector<const Expr*>& parts) {
  if (const auto* node = as_and(expr)) {
    collect(*node->left, parts);
    collect(*node->right, parts);
  } else {
    parts.push_back(&expr);
  }
}

void take_apart(ExprPtr expr, std::vector<ExprPtr>& parts) {
  if (as_and(*expr)) {
    auto& node = *expr->as<Binary>();
    take_apart(std::move(node.left), parts);
    take_apart(std::move(node.right), parts);
  } else {
    parts.push_back(std::move(expr));
  }
}

} // namespace

ExprPtr column(std::string table, std::string name) {
  return expr(Column{std::move(table), std::move(name)});
}

// A negative number is a minus before digits, as the parser would read it.
ExprPtr integer(long long value) {
  const auto digits = std::to_string(value);
  if (value >= 0)
    return expr(Literal{Literal::Kind::integer, digits});
  return expr(Unary{"-", expr(Literal{Literal::Kind::integer, digits.substr(1)})});
}

ExprPtr text(std::string value) {
  return expr(Literal{Literal::Kind::string, std::move(value)});
}

ExprPtr null() {
  return expr(Literal{});
}

ExprPtr binary(std::string op, ExprPtr left, ExprPtr right) {
  return expr(Binary{std::move(op), std::move(left), std::move(right)});
}

ExprPtr call(std::string name, std::vector<ExprPtr> args) {
  Call node;
  node.name = std::move(name);
  node.name = lower(node.name);
  node.args = std::move(args);
  return expr(std::move(node));
}

ExprPtr both(ExprPtr a, ExprPtr b) {
  if (!a || !b)
    return a ? std::move(a) : std::move(b);
  return binary("AND", std::move(a), std::move(b));
}

std::vector<const Expr*> conjuncts(const Expr* expr) {
  std::vector<const Expr*> parts;
  if (expr)
    collect(*expr, parts);
  return parts;
}

std::vector<ExprPtr> split_conjuncts(ExprPtr expr) {
  std::vector<ExprPtr> parts;
  if (expr)
    take_apart(std::move(expr), parts);
  return parts;
}

ExprPtr join_conjuncts(std::vector<ExprPtr> parts) {
  ExprPtr result;
  for (auto& part : parts)
    result = both(std::move(result), std::move(part));
  return result;
}

} // namespace quill::sql
