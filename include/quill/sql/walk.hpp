// Going over a tree: every expression, every query block, in source order.
#pragma once

#include <functional>
#include <string_view>

#include "quill/sql/tree.hpp"

namespace quill::sql {

enum class Descend { yes, no };

/// Visits `expr` and what is below it, parents first; Descend::no skips the children.
/// Sub-queries are entered only when `into_queries`.
void walk(const Expr& expr, const std::function<Descend(const Expr&)>& visit,
          bool into_queries = true);
void walk(Expr& expr, const std::function<Descend(Expr&)>& visit, bool into_queries = true);
/// Every expression of a query (all clauses, CTEs, FROM, and sub-queries when `into_queries`).
void walk(const Query& query, const std::function<Descend(const Expr&)>& visit,
          bool into_queries = true);
void walk(Query& query, const std::function<Descend(Expr&)>& visit, bool into_queries = true);
/// Every query block: the query itself, CTEs, derived tables, sub-queries in expressions; outermost
/// first.
void walk_queries(const Query& query, const std::function<void(const Query&)>& visit);
void walk_queries(Query& query, const std::function<void(Query&)>& visit);
/// Every FROM leaf (TableName or Derived) of one FROM tree, left to right.
void walk_from(const From& from, const std::function<void(const From&)>& leaf);
void walk_from(From& from, const std::function<void(From&)>& leaf);

/// Is any call below an aggregate (without OVER), not counting sub-queries?
[[nodiscard]] bool has_aggregate(const Expr& expr);
[[nodiscard]] bool has_window(const Expr& expr);
[[nodiscard]] bool has_subquery(const Expr& expr);
/// count, sum, total, avg, min/max with one argument, group_concat, string_agg, json_group_*.
[[nodiscard]] bool is_aggregate_name(std::string_view function, std::size_t args);
/// Only what every dialect shares: no table function, no index hint, no arm in parentheses, no
/// DISTINCT ON, grouping sets, arrays, ordered aggregates or empty IN lists. Rules look at no
/// other.
[[nodiscard]] bool is_common(const Query& query);
/// Calls random(), now(), last_insert_rowid(), changes() …, or date functions of 'now'?
[[nodiscard]] bool is_volatile(const Query& query);

} // namespace quill::sql
