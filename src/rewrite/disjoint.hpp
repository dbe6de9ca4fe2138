// Rows that cannot be in two arms of a UNION.
#pragma once

#include "quill/sql/resolve.hpp"
#include "rewrite/set_arms.hpp"

namespace quill::rewrite {

/// Do the arms, over the same FROM, filter by contradicting equalities (a = 1 against a = 2), so
/// that no row of FROM passes two of them? `scope` is that of any arm.
[[nodiscard]] bool are_disjoint_filters(const SetArms& set, const sql::Scope& scope);
/// Do two arms always differ in some output column: different literals there, as items or by
/// equalities of WHERE?
[[nodiscard]] bool are_disjoint_outputs(const sql::Query& a, const sql::Query& b,
                                        const sql::Schema& schema);

} // namespace quill::rewrite
