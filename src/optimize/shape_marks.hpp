// Marks of a query: how often it holds what a known family of rewrites begins with.
#pragma once

#include <array>
#include <cstddef>

#include "quill/sql/tree.hpp"

namespace quill::optimize {

/// One number a mark. The order is that of vectors, not of any file.
enum class Mark : std::size_t {
  scalar_compared,  ///< a sub-query in a comparison
  scalar_item,      ///< a sub-query as a column of the answer
  scalar_aggregate, ///< a sub-query that aggregates over all its rows
  count_compared,   ///< (SELECT count(*) …) > 0
  exists,
  not_exists,
  in_query,
  not_in_query,
  correlated,          ///< a sub-query that names an outer alias
  same_table_inside,   ///< a sub-query over a table of its outer block
  inequality_inside,   ///< a correlated sub-query with <, <=, > or >=
  or_in_join,          ///< ON a = b OR c = d
  or_over_sources,     ///< an OR whose arms name different sources
  or_in_where,         ///< any other OR of conditions
  date_call,           ///< a function of a date in a comparison
  text_call,           ///< substr, left, lower, upper in a comparison
  arithmetic_compared, ///< a + 1 = 2
  coalesce_compared,
  cast_compared,
  like_prefix,
  distinct_join, ///< SELECT DISTINCT over several tables
  distinct_alone,
  union_distinct,
  union_all,
  intersect,
  except,
  inner_order, ///< ORDER BY without LIMIT below the outermost query
  order_limit,
  join_order_limit, ///< a join of which only the first rows are wanted
  offset,
  min_and_max, ///< both in one list, without GROUP BY
  window,
  self_join,
  inequality_join,
  cte_read_often,  ///< a CTE read more than once
  equal_derived,   ///< two derived tables that are built alike
  grouped_derived, ///< a derived table or CTE with GROUP BY
  group_after_join,
  left_join,
  scalar_siblings, ///< scalar sub-queries side by side, beyond the first
  drops_doubles,   ///< DISTINCT or UNION
  unread_source,   ///< a table whose columns only join it
  unread_work,     ///< of any kind: an unread source, an order inside
  self_inequality, ///< two readings of one table, compared by <, <=, > or >=
  self_equality,   ///< two readings of one table, compared by =
};
inline constexpr std::size_t kMarks = static_cast<std::size_t>(Mark::self_equality) + 1;

[[nodiscard]] std::array<int, kMarks> shape_marks(const sql::Query& query);

} // namespace quill::optimize
