// How tightly each expression binds, by dialect: what decides on parentheses.
#pragma once

#include <string>

#include "quill/sql/dialect.hpp"
#include "quill/sql/tree.hpp"

namespace quill::sql {

/// SQLite's levels (sqlite.org/lang_expr.html#operators), loosest first; PostgreSQL's (gram.y) fit
/// in when its tests share a level and any operator of its own stands beside the bits.
enum Strength : int {
  kLowest = 0,
  kOr,
  kAnd,
  kNot,
  kEquality, ///< = <> IS IN LIKE BETWEEN …
  kComparison,
  kBits,
  kSum,
  kProduct,
  kConcat, ///< PostgreSQL's ^
  kZone,   ///< AT TIME ZONE
  kCollate,
  kSign,
  kPrimary,
};
/// Two comparisons in a row always get parentheses: engines disagree on them.
inline constexpr int kOperandOfTest = kBits;

[[nodiscard]] int strength_of(const std::string& op, Dialect dialect);
[[nodiscard]] int strength_of(const Expr& expr, Dialect dialect);
/// May the bounds of BETWEEN and the arguments of position() be this without parentheses?
[[nodiscard]] bool is_plain_bound(const Expr& expr, Dialect dialect);

} // namespace quill::sql
