// A FROM of inner joins only, taken apart into its tables and conditions, and put together again.
#pragma once

#include <optional>
#include <vector>

#include "quill/sql/resolve.hpp"
#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// Leaves in their order; `conditions` are the conjuncts of every ON and of WHERE.
struct InnerJoins {
  std::vector<sql::FromPtr> leaves;
  std::vector<sql::ExprPtr> conditions;
};
/// A copy; nullopt when there is an outer join, NATURAL or USING.
[[nodiscard]] std::optional<InnerJoins> take_apart(const sql::Select& select);
/// Sets FROM and WHERE: a condition goes to the first join that knows all of its sources, one
/// over a single source to WHERE.
void put_together(sql::Select& select, InnerJoins joins, const sql::Scope& scope,
                  const sql::Schema& schema);

/// `a.x = b.y` with both sides columns of different sources of the block.
struct JoinTie {
  sql::Column a, b;
  const sql::Source* a_source;
  const sql::Source* b_source;
};
[[nodiscard]] std::optional<JoinTie> join_tie(const sql::Expr& condition, const sql::Scope& scope);
/// The same turned so that `a` belongs to `source`; nullopt when neither side does.
[[nodiscard]] std::optional<JoinTie> join_tie(const sql::Expr& condition, const sql::Scope& scope,
                                              const sql::Source* source);

/// What one source's part in the joins is: one tie to the others, conditions of its own, the rest.
struct Part {
  JoinTie tie; ///< `a` is of the source
  std::vector<sql::ExprPtr> own;
  sql::FromPtr leaf;
};
/// Takes the source out of `joins`; nullopt (joins then spoilt) when it is tied by anything but one
/// plain equality.
[[nodiscard]] std::optional<Part> take_part(InnerJoins& joins, const sql::Source& source,
                                            const sql::Scope& scope, const sql::Schema& schema);

/// Do repeated rows before the last step leave the answer as it is: DISTINCT, or aggregates that
/// do not count (min, max, DISTINCT ones)?
[[nodiscard]] bool is_blind_to_duplicates(const sql::Query& query);

} // namespace quill::rewrite
