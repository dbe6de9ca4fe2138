#include "rewrite/number_kind.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "quill/sql/parse.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

NumberKind kind_of_type(std::string_view declared) {
  const auto type = lower(declared.substr(0, declared.find('(')));
  if (type == "smallint" || type == "tinyint" || type == "integer" || type == "int")
    return NumberKind::small;
  if (type == "bigint")
    return NumberKind::wide;
  if (type == "numeric" || type == "decimal")
    return NumberKind::decimal;
  const bool real8 = type == "double" || type == "double precision" || type == "float8";
  return real8 ? NumberKind::real8 : NumberKind::unknown;
}

NumberKind kind_of_literal(const sql::Expr& expr) {
  if (is_null(expr))
    return NumberKind::none;
  if (const auto integer = integer_value(expr)) {
    const bool fits = *integer >= INT32_MIN && *integer <= INT32_MAX;
    return fits ? NumberKind::small : NumberKind::wide;
  }
  if (!number_value(expr))
    return NumberKind::unknown;
  const bool has_exponent = sql::print_sqlite(expr).find_first_of("eE") != std::string::npos;
  return has_exponent ? NumberKind::real8 : NumberKind::decimal;
}

NumberKind kind_of_case(const sql::Case& one, const sql::Scope& scope) {
  auto widest = one.otherwise ? number_kind(*one.otherwise, scope) : NumberKind::none;
  for (const auto& branch : one.branches)
    widest = std::max(widest, number_kind(*branch.then, scope));
  return widest;
}

bool keeps_kind(const sql::Call& call) {
  return !call.over && (call.name == "coalesce" || call.name == "abs");
}

} // namespace

NumberKind number_kind(const sql::Expr& expr, const sql::Scope& scope) {
  if (is_literal(expr))
    return kind_of_literal(expr);
  if (const auto* column = expr.as<sql::Column>()) {
    const auto* info = scope.info(*column);
    return info == nullptr ? NumberKind::unknown : kind_of_type(info->type);
  }
  if (const auto* sign = expr.as<sql::Unary>(); sign != nullptr && sign->op != "NOT")
    return number_kind(*sign->arg, scope);
  if (const auto* binary = expr.as<sql::Binary>();
      binary != nullptr && std::string_view("+-*/").find(binary->op) != std::string_view::npos)
    return std::max(number_kind(*binary->left, scope), number_kind(*binary->right, scope));
  if (const auto* one = expr.as<sql::Case>())
    return kind_of_case(*one, scope);
  if (const auto* cast = expr.as<sql::Cast>())
    return kind_of_type(cast->type);
  const auto* call = expr.as<sql::Call>();
  if (call == nullptr || !keeps_kind(*call))
    return NumberKind::unknown;
  auto widest = NumberKind::none;
  for (const auto& arg : call->args)
    widest = std::max(widest, number_kind(*arg, scope));
  return widest;
}

bool adds_up_exactly(NumberKind kind) {
  return kind <= NumberKind::decimal;
}

} // namespace quill::rewrite
