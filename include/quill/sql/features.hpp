// The shape of a query as numbers: for similarity, readability and statistics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/tree.hpp"

namespace quill::sql {

/// Counted over the whole tree.
struct Features {
  int blocks = 0, nesting = 0, joins = 0, tables = 0, ctes = 0, set_operations = 0;
  int subqueries = 0, correlated_hint = 0; ///< sub-queries that name an outer alias
  int aggregates = 0, windows = 0, group_keys = 0, order_keys = 0, conjuncts = 0, disjuncts = 0;
  int equalities = 0, ranges = 0, likes = 0, in_lists = 0, function_on_column = 0, stars = 0,
      columns = 0;
  int distinct = 0, limit = 0, expressions = 0;
  [[nodiscard]] std::vector<double> vector() const;
};
[[nodiscard]] Features features(const Query& query);
/// In [0, 1]; 1 for equal shapes. Cosine of log(1+count) vectors.
[[nodiscard]] double similarity(const Features& a, const Features& b);

} // namespace quill::sql
