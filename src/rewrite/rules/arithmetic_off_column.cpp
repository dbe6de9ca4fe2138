// c + 10 > 50  →  c > 40        c * 1.2 > 600  →  c * 1.2 > 600 AND c > 499.9999995
//
// Matches: column + - * / number compared with a number by = < <= > >= (the column on either side
// of + and *), and CAST(column AS INTEGER).
// Must hold: every value of the column is a number or NULL (looked up: 'abc' + 1 is 1 in SQLite);
// the other operand and the compared side are number literals (a text literal would convert under
// the bare column's affinity). To drop the arithmetic: it is exact, that is, all three are integers
// of at most 2^53, or the operation changes nothing (+ 0, * 1). Else the arithmetic stays and a
// range it implies is added, with room for rounding.
// Why the rows are the same: exact: x + k > v iff x > v - k, and so on, floor and ceiling taken for
// *. Inexact: the added range is true wherever the comparison is, and NULL where it is NULL.
#include <cmath>

#include <fmt/format.h>

#include "rewrite/comparison.hpp"
#include "rewrite/facts.hpp"
#include "rewrite/slot_rule.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "arithmetic-off-column", "redundancy",
    "arithmetic on a compared column is moved to the other side, or a range it implies is added",
    "an index on the column becomes usable (560x measured with one)",
    "without an index: 0.3x to 1x, one comparison more a row where the arithmetic stays"};

constexpr const char* kWhy =
    "The arithmetic on the compared column was moved to the other side, or a range of the "
    "column that it implies was added, so that an index can be used: every value there is "
    "a number (looked up in this database).";

constexpr std::int64_t kExactMax = 1LL << 53;

/// `column op number`, op in + - * /; for `number - column` reversed is true.
struct Arithmetic {
  const sql::Column* column;
  std::string op;
  const sql::Expr* number;
  bool reversed = false;
};

std::optional<Arithmetic> arithmetic(const sql::Expr& expr) {
  const auto* node = expr.as<sql::Binary>();
  if (node == nullptr || std::string_view("+-*/").find(node->op) == std::string_view::npos)
    return std::nullopt;
  if (const auto* column = node->left->as<sql::Column>(); column && number_value(*node->right))
    return Arithmetic{column, node->op, node->right.get()};
  const auto* column = node->right->as<sql::Column>();
  if (column == nullptr || !number_value(*node->left) || node->op == "/")
    return std::nullopt;
  return Arithmetic{column, node->op, node->left.get(), node->op == "-"};
}

/// `column op value` as an expression.
sql::ExprPtr number_literal(double value) {
  auto literal = sql::Literal{sql::Literal::Kind::real, fmt::format("{:.12g}", std::abs(value))};
  if (literal.text.find_first_of(".e") == std::string::npos)
    literal.text += ".0";
  auto out = sql::expr(std::move(literal));
  return value < 0 ? sql::expr(sql::Unary{"-", std::move(out)}) : std::move(out);
}

sql::ExprPtr against(const sql::Column& column, std::string_view op, sql::ExprPtr value) {
  return sql::binary(std::string(op), sql::expr(sql::Column(column)), std::move(value));
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) { // b > 0
  return a / b - (a % b < 0 ? 1 : 0);
}

/// x * k op v for k > 0 as x op' n; null when no integer solves an equality.
sql::ExprPtr divided(const sql::Column& column, std::string_view op, std::int64_t v,
                     std::int64_t k) {
  const std::int64_t low = floor_div(v, k);
  const bool whole = low * k == v;
  if (op == "=")
    return whole ? against(column, "=", sql::integer(low)) : nullptr;
  // x*k > v iff x > floor(v/k); x*k < v iff x < ceil(v/k); likewise with equality
  const bool from_above = op == "<" || op == ">=";
  return against(column, op, sql::integer(from_above && !whole ? low + 1 : low));
}

/// The comparison without arithmetic when all is integer and small; null else.
sql::ExprPtr exact(const Arithmetic& term, const std::string& op, const sql::Expr& value) {
  const auto k = integer_value(*term.number);
  const auto v = integer_value(value);
  if (!k || !v || std::abs(*k) > kExactMax || std::abs(*v) > kExactMax)
    return nullptr;
  if (term.op == "+")
    return against(*term.column, op, sql::integer(*v - *k));
  if (term.op == "-")
    return term.reversed ? against(*term.column, flipped(op), sql::integer(*k - *v))
                         : against(*term.column, op, sql::integer(*v + *k));
  if (term.op != "*" || *k == 0)
    return nullptr;
  return *k > 0 ? divided(*term.column, op, *v, *k) : divided(*term.column, flipped(op), -*v, -*k);
}

/// x + 0, x - 0, x * 1, x / 1: the value itself, whatever number it is.
bool changes_nothing(const Arithmetic& term) {
  const double k = number_value(*term.number).value_or(0);
  return !term.reversed && (term.op == "+" || term.op == "-" ? k == 0 : k == 1);
}

/// A bound of the column that `x op' k  op  v` implies, with room for rounding; null when the
/// operation is no use (integer division truncates, * 0).
sql::ExprPtr implied(const Arithmetic& term, const std::string& op, const sql::Expr& value) {
  const double k = *number_value(*term.number);
  const double v = *number_value(value);
  const bool truncates = term.op == "/" && integer_value(*term.number);
  const bool scales = term.op == "*" || term.op == "/";
  if (truncates || (scales && (std::abs(k) < 1e-6 || std::abs(k) > 1e9)))
    return nullptr;
  const double at = term.op == "+"   ? v - k
                    : term.op == "-" ? (term.reversed ? k - v : v + k)
                    : term.op == "*" ? v / k
                                     : v * k;
  const bool turns = term.reversed || (scales && k < 0);
  const double room = 1e-9 * (std::abs(at) + std::abs(k) + std::abs(v) + 1);
  if (op == "=")
    return sql::both(against(*term.column, ">", number_literal(at - room)),
                     against(*term.column, "<", number_literal(at + room)));
  const auto side = turns ? flipped(op) : op;
  const bool above = side[0] == '>';
  return against(*term.column, above ? ">" : "<", number_literal(above ? at - room : at + room));
}

sql::ExprPtr cast_off(const sql::Cast& cast, const Comparison& found, const Subject& subject,
                      const sql::Scope& scope) {
  const auto* column = cast.arg->as<sql::Column>();
  const auto* info = column == nullptr ? nullptr : scope.info(*column);
  if (info == nullptr || (cast.type != "INTEGER" && cast.type != "INT") ||
      domain(*info) != Domain::number || !is_fact(subject.facts.integers, scope, *column))
    return nullptr;
  return against(*column, found.op, sql::clone(*found.right));
}

sql::ExprPtr moved_off(const sql::Expr& leaf, const Block& block, const Subject& subject) {
  const auto& scope = block.scope;
  const auto found = comparison_with_literal(leaf);
  if (!found || found->op == "<>" || !number_value(*found->right))
    return nullptr;
  if (const auto* cast = found->left->as<sql::Cast>())
    return cast_off(*cast, *found, subject, scope);
  const auto term = arithmetic(*found->left);
  const auto* info = term ? scope.info(*term->column) : nullptr;
  if (info == nullptr || domain(*info) != Domain::number ||
      !is_fact(subject.facts.numbers, scope, *term->column))
    return nullptr;
  if (changes_nothing(*term))
    return against(*term->column, found->op, sql::clone(*found->right));
  if (is_fact(subject.facts.integers, scope, *term->column))
    if (auto moved = exact(*term, found->op, *found->right))
      return moved;
  auto range = implied(*term, found->op, *found->right);
  return range ? sql::both(sql::clone(leaf), std::move(range)) : nullptr;
}

} // namespace

RulePtr arithmetic_off_column() {
  return slot_rule(kWords, Slots::filter_truths, moved_off, kWhy);
}

} // namespace quill::rewrite
