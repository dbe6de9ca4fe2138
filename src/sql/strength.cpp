#include "sql/strength.hpp"

#include "quill/sql/walk.hpp"

namespace quill::sql {
namespace {

int strength_in_sqlite(const std::string& op) {
  if (op == "<<" || op == ">>" || op == "&" || op == "|")
    return kBits;
  return op == "||" || op == "->" || op == "->>" ? kConcat : kProduct;
}

// DuckDB's arrows bind less than anything.
int strength_in_postgres(const std::string& op, Dialect dialect) {
  const bool duckdb = dialect == Dialect::duckdb;
  if (duckdb && (op == "->" || op == "->>"))
    return kLowest;
  if (op == "*" || op == "/" || op == "%" || (duckdb && op == "//"))
    return kProduct;
  return op == "^" || (duckdb && op == "**") ? kConcat : kBits;
}

bool is_test(const Expr& expr) {
  return expr.as<Between>() || expr.as<Match>() || expr.as<InList>() || expr.as<InQuery>() ||
         expr.as<IsNull>() || expr.as<Quantified>();
}

int strength_of(const Unary& node, Dialect dialect) {
  if (node.op == "NOT")
    return kNot;
  const bool sign = dialect == Dialect::sqlite || node.op == "-" || node.op == "+";
  return sign ? kSign : kBits;
}

int strength_of(const Call& node, Dialect dialect) {
  if (dialect == Dialect::sqlite || !node.in_words)
    return kPrimary;
  if (node.name == "timezone")
    return kZone;
  return node.name == "overlaps" ? kEquality : kPrimary;
}

} // namespace

int strength_of(const std::string& op, Dialect dialect) {
  if (op == "OR")
    return kOr;
  if (op == "AND")
    return kAnd;
  if (op == "=" || op == "<>" || op == "IS" || op == "IS NOT")
    return kEquality;
  if (op == "<" || op == "<=" || op == ">" || op == ">=")
    return kComparison;
  if (op == "+" || op == "-")
    return kSum;
  return dialect == Dialect::sqlite ? strength_in_sqlite(op) : strength_in_postgres(op, dialect);
}

int strength_of(const Expr& expr, Dialect dialect) {
  if (const auto* node = expr.as<Binary>())
    return strength_of(node->op, dialect);
  if (const auto* node = expr.as<Unary>())
    return strength_of(*node, dialect);
  if (const auto* node = expr.as<Call>())
    return strength_of(*node, dialect);
  if (const auto* node = expr.as<Exists>())
    return node->negated ? kNot : kPrimary;
  if (expr.as<Collate>())
    return kCollate;
  return is_test(expr) ? kEquality : kPrimary;
}

// In the grammar all dialects are read by, COLLATE and AT TIME ZONE may stand nowhere in it, but in
// parentheses.
bool is_plain_bound(const Expr& expr, Dialect dialect) {
  bool plain = true;
  walk(
      expr,
      [&](const Expr& part) {
        const auto* call = part.as<Call>();
        plain =
            plain && !part.as<Collate>() && !(call && call->in_words && dialect != Dialect::sqlite);
        return plain ? Descend::yes : Descend::no;
      },
      false);
  return plain;
}

} // namespace quill::sql
