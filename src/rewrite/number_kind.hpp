// Of which type a number is on DuckDB and PostgreSQL, where sums and quotients depend on it.
#pragma once

#include "quill/sql/resolve.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// From narrow to wide: an expression over several is of the widest.
enum class NumberKind {
  none,    ///< NULL: of any kind
  small,   ///< integers of up to 32 bits; PostgreSQL's sum of them has 64
  wide,    ///< integers of 64 bits
  decimal, ///< exact, with a fixed or free number of places
  real8,   ///< binary with 53 bits
  unknown, ///< real4 (its sums are rounded to 24 bits on the way), no number, or not known
};

/// The kind of `expr` in a block that `scope` describes. A quotient is of its sides' kind, which
/// is what PostgreSQL makes of it.
[[nodiscard]] NumberKind number_kind(const sql::Expr& expr, const sql::Scope& scope);
/// May sums of it be put together in any order without a digit that moves?
[[nodiscard]] bool adds_up_exactly(NumberKind kind);

} // namespace quill::rewrite
