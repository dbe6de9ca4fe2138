#include "rewrite/comparison.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

const sql::Literal* literal_of(const sql::Expr& expr, bool& negative) {
  const sql::Expr* at = &expr;
  while (const auto* sign = at->as<sql::Unary>()) {
    if (sign->op != "-" && sign->op != "+")
      return nullptr;
    negative ^= sign->op == "-";
    at = sign->arg.get();
  }
  return at->as<sql::Literal>();
}

} // namespace

std::optional<std::int64_t> integer_value(const sql::Expr& expr) {
  bool negative = false;
  const auto* literal = literal_of(expr, negative);
  if (literal == nullptr || literal->kind != sql::Literal::Kind::integer)
    return std::nullopt;
  std::int64_t value = 0;
  const char* end = literal->text.data() + literal->text.size();
  const auto read = std::from_chars(literal->text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end)
    return std::nullopt; // hexadecimal, or beyond 64 bits
  return negative ? -value : value;
}

std::optional<double> number_value(const sql::Expr& expr) {
  if (const auto integer = integer_value(expr))
    return static_cast<double>(*integer);
  bool negative = false;
  const auto* literal = literal_of(expr, negative);
  if (literal == nullptr || literal->kind != sql::Literal::Kind::real)
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(literal->text.c_str(), &end);
  if (end == literal->text.c_str() || *end != '\0' || !std::isfinite(value))
    return std::nullopt;
  return negative ? -value : value;
}

const std::string* text_value(const sql::Expr& expr) {
  const auto* literal = expr.as<sql::Literal>();
  return literal != nullptr && literal->kind == sql::Literal::Kind::string ? &literal->text
                                                                           : nullptr;
}

bool is_literal(const sql::Expr& expr) {
  bool negative = false;
  return literal_of(expr, negative) != nullptr;
}

bool is_null(const sql::Expr& expr) {
  const auto* literal = expr.as<sql::Literal>();
  return literal != nullptr && literal->kind == sql::Literal::Kind::null;
}

bool is_comparison(std::string_view op) {
  return op == "=" || op == "<>" || op == "<" || op == "<=" || op == ">" || op == ">=";
}

std::string flipped(std::string_view op) {
  std::string out(op);
  if (out[0] == '<' && out != "<>")
    out[0] = '>';
  else if (out[0] == '>')
    out[0] = '<';
  return out;
}

std::optional<Comparison> comparison(const sql::Expr& expr) {
  const auto* node = expr.as<sql::Binary>();
  if (node == nullptr || !is_comparison(node->op))
    return std::nullopt;
  return Comparison{node->left.get(), node->op, node->right.get()};
}

std::optional<Comparison> comparison_with_literal(const sql::Expr& expr) {
  auto found = comparison(expr);
  if (!found || is_literal(*found->left) == is_literal(*found->right))
    return std::nullopt;
  if (is_literal(*found->left))
    return Comparison{found->right, flipped(found->op), found->left};
  return found;
}

Domain domain(const sql::ColumnInfo& column) {
  switch (sql::affinity(column.type)) {
  case sql::Affinity::text:
    return Domain::text;
  case sql::Affinity::blob:
    return Domain::blob;
  default:
    return Domain::number;
  }
}

bool is_binary(const sql::ColumnInfo& column) {
  return same_name(column.collation, "BINARY");
}

bool compares_plainly(const sql::ColumnInfo& column, const sql::Expr& literal) {
  switch (domain(column)) {
  case Domain::number:
    return number_value(literal).has_value();
  case Domain::text:
    return text_value(literal) != nullptr && is_binary(column);
  default:
    return false;
  }
}

bool compares_plainly(const sql::ColumnInfo& a, const sql::ColumnInfo& b) {
  const bool reals = sql::affinity(a.type) == sql::Affinity::real;
  return domain(a) == domain(b) && is_binary(a) && is_binary(b) &&
         reals == (sql::affinity(b.type) == sql::Affinity::real);
}

} // namespace quill::rewrite
