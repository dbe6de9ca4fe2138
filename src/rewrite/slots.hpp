// The owned expressions of a block, in place: where a rule can look, and put something else.
#pragma once

#include <functional>

#include "quill/sql/tree.hpp"

namespace quill::rewrite {

enum class Clause { item, on, where, group, having, order, window, limit };

/// The direct children of an expression (null ones left out; sub-queries are not entered).
void each_child(sql::Expr& expr, const std::function<void(sql::ExprPtr&)>& visit);
/// `slot` and all below it, children first, so that a visited slot may be replaced.
void each_slot(sql::ExprPtr& slot, const std::function<void(sql::ExprPtr&)>& visit);
/// `expr` and all below it, parents first, without entering sub-queries.
void each_expr(const sql::Expr& expr, const std::function<void(const sql::Expr&)>& visit);
/// The sub-queries that stand directly in `expr`.
void each_subquery(const sql::Expr& expr, const std::function<void(const sql::Query&)>& visit);

using ClauseVisit = std::function<void(Clause, sql::ExprPtr&)>;
using ConstClauseVisit = std::function<void(Clause, const sql::Expr&)>;
/// Every clause of a SELECT block: items, ON, WHERE, GROUP BY, HAVING, WINDOW, ORDER BY, LIMIT.
/// Derived tables and CTEs are blocks of their own.
void each_clause(sql::Query& query, const ClauseVisit& visit);
void each_clause(const sql::Query& query, const ConstClauseVisit& visit);
/// The ON conditions of one FROM tree.
void each_on(sql::From& from, const std::function<void(sql::Join&)>& visit);

/// The leaves of an AND/OR tree: positions where NULL and false mean the same, provided that
/// `condition` itself is a WHERE, HAVING or ON.
void each_truth(sql::ExprPtr& condition, const std::function<void(sql::ExprPtr&)>& visit);

} // namespace quill::rewrite
