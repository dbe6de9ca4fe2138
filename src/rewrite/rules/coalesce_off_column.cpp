// coalesce(c, 0) = 5  →  c = 5        coalesce(c, 0) < 5  →  c < 5 OR c IS NULL
//
// Matches: coalesce or ifnull of one column and one literal, compared with a literal, where NULL
// and false mean the same (WHERE, HAVING, ON; below AND and OR only). Must hold: both literals are
// of the column's own kind (a number for a number column, text for a text column with BINARY
// collation): coalesce() drops the column's affinity and collation, the bare column brings them
// back. PostgreSQL orders text by a language and pads CHAR(n): text is only asked for equality
// there and never of that type. Of real4 (DuckDB, PostgreSQL) the default must be a whole number:
// another one is rounded when it becomes the column's. Whether the default itself passes the
// comparison is computed, and decides which of the two forms is right. Why the rows are the same:
// for a value the comparison is the same; for NULL the outcome is that of the default, which is
// false (first form; the comparison gives NULL) or true (second form).
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slot_rule.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"coalesce-off-column", "redundancy",
                           "COALESCE around a compared column is taken off",
                           "an index on the column becomes usable (500x measured with one)",
                           "without an index: nothing to win"};

constexpr const char* kWhy =
    "COALESCE was taken off the compared column, so that an index on it can be used: for "
    "NULL the outcome is the one the default gave.";

template <class T> bool passes(const T& a, std::string_view op, const T& b) {
  if (op == "=")
    return a == b;
  if (op == "<>")
    return a != b;
  if (op == "<")
    return a < b;
  if (op == "<=")
    return a <= b;
  return op == ">" ? a > b : a >= b;
}

/// Does `fallback op value` hold? Both are literals of the same kind.
bool literal_passes(const sql::Expr& fallback, std::string_view op, const sql::Expr& value) {
  if (const auto* text = text_value(fallback))
    return passes(*text, op, *text_value(value));
  const auto a = integer_value(fallback);
  const auto b = integer_value(value);
  if (a && b)
    return passes(*a, op, *b);
  return passes(*number_value(fallback), op, *number_value(value));
}

struct Wrapped {
  const sql::Column* column;
  const sql::Expr* fallback;
};

std::optional<Wrapped> wrapped(const sql::Expr& expr) {
  const auto* call = expr.as<sql::Call>();
  if (call == nullptr || (call->name != "coalesce" && call->name != "ifnull") ||
      call->args.size() != 2 || call->over || call->filter)
    return std::nullopt;
  const auto* column = call->args[0]->as<sql::Column>();
  if (column == nullptr || !is_literal(*call->args[1]) || is_null(*call->args[1]))
    return std::nullopt;
  return Wrapped{column, call->args[1].get()};
}

/// Does the engine compare the default with `value` as literal_passes() does?
bool compares_as_known(const sql::ColumnInfo& column, const sql::Expr& fallback,
                       const Comparison& found, sql::Dialect dialect) {
  if (dialect == sql::Dialect::sqlite)
    return true;
  if (text_value(fallback) != nullptr)
    return dialect == sql::Dialect::duckdb ||
           ((found.op == "=" || found.op == "<>") &&
            (same_name(column.type, "text") ||
             lower(column.type).find("varying") != std::string::npos));
  const auto type = lower(column.type);
  return (type != "real" && type != "float") || integer_value(fallback).has_value();
}

sql::ExprPtr taken_off(const sql::Expr& leaf, const Block& block, const Subject& subject) {
  const auto found = comparison_with_literal(leaf);
  const auto inner = found ? wrapped(*found->left) : std::nullopt;
  const auto* info = inner ? block.scope.info(*inner->column) : nullptr;
  if (info == nullptr || !compares_plainly(*info, *inner->fallback) ||
      !compares_plainly(*info, *found->right) ||
      !compares_as_known(*info, *inner->fallback, *found, subject.dialect))
    return nullptr;
  const bool null_passes = literal_passes(*inner->fallback, found->op, *found->right);
  const auto column = [&] { return sql::expr(sql::Column(*inner->column)); };
  auto bare = sql::binary(found->op, column(), sql::clone(*found->right));
  if (null_passes)
    bare = sql::binary("OR", std::move(bare), sql::expr(sql::IsNull{column(), false}));
  return bare;
}

} // namespace

RulePtr coalesce_off_column() {
  return slot_rule(kWords, Slots::filter_truths, taken_off, kWhy);
}

} // namespace quill::rewrite
