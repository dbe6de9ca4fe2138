// The shape of before's answer, from its tree: which columns are approximate.
#pragma once

#include <optional>
#include <vector>

#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::judge {

/// By output column: does it hold what a sum, an average or a division made, here or in a derived
/// table or CTE it comes from? (min, max and count pass values on as they are.) nullopt when the
/// tree alone does not tell: a view, or a star over a join that merges columns.
[[nodiscard]] std::optional<std::vector<bool>> approximate_columns(const sql::Query& query,
                                                                   const sql::Schema& schema);

} // namespace quill::judge
