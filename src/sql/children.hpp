// The direct children of a tree node, in source order: the one place that knows them all.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "quill/sql/tree.hpp"

namespace quill::sql {

/// Calls back for each child; each member may be const or not, as the node is.
template <class OnExpr, class OnQuery> struct Children {
  OnExpr on_expr;
  OnQuery on_query;

  template <class P> void one(P& pointer) {
    if (pointer)
      on_expr(*pointer);
  }
  template <class P> void subquery(P& pointer) {
    if (pointer)
      on_query(*pointer);
  }
  template <class V> void list(V& items) {
    for (auto& item : items)
      one(item);
  }
  template <class V> void order(V& terms) {
    for (auto& term : terms)
      one(term.expr);
  }
  template <class W> void window(W& window) {
    list(window.partition_by);
    order(window.order_by);
  }

  template <class N> void node(N& n) {
    using T = std::remove_const_t<N>;
    if constexpr (std::is_same_v<T, Unary> || std::is_same_v<T, Cast> ||
                  std::is_same_v<T, Collate> || std::is_same_v<T, IsNull> ||
                  std::is_same_v<T, NamedArgument>) {
      one(n.arg);
    } else if constexpr (std::is_same_v<T, Binary>) {
      one(n.left), one(n.right);
    } else if constexpr (std::is_same_v<T, Between>) {
      one(n.arg), one(n.low), one(n.high);
    } else if constexpr (std::is_same_v<T, Match>) {
      one(n.arg), one(n.pattern), one(n.escape);
    } else if constexpr (std::is_same_v<T, InList>) {
      one(n.arg), list(n.items);
    } else if constexpr (std::is_same_v<T, InQuery>) {
      one(n.arg), on_query(*n.query);
    } else if constexpr (std::is_same_v<T, Exists> || std::is_same_v<T, Scalar>) {
      on_query(*n.query);
    } else if constexpr (std::is_same_v<T, Call>) {
      list(n.args), order(n.order_by), one(n.filter);
      if (n.over)
        window(*n.over);
    } else if constexpr (std::is_same_v<T, Case>) {
      one(n.operand);
      for (auto& branch : n.branches)
        one(branch.when), one(branch.then);
      one(n.otherwise);
    } else if constexpr (std::is_same_v<T, RowValue> || std::is_same_v<T, GroupingSet>) {
      list(n.items);
    } else if constexpr (std::is_same_v<T, Quantified>) {
      one(n.left), subquery(n.query), one(n.array);
    } else if constexpr (std::is_same_v<T, Array>) {
      list(n.items), subquery(n.query);
    } else if constexpr (std::is_same_v<T, Access>) {
      one(n.arg);
      for (auto& step : n.steps)
        one(step.low), one(step.high);
    }
  }

  template <class F> void from(F& tree) {
    if (auto* derived = std::get_if<Derived>(&tree.node)) {
      on_query(*derived->query);
    } else if (auto* join = std::get_if<Join>(&tree.node)) {
      from(*join->left), from(*join->right);
      one(join->on);
    } else if (auto* function = std::get_if<TableFunction>(&tree.node)) {
      one(function->call);
    }
  }
  template <class S> void select(S& s) {
    list(s.distinct_on);
    for (auto& item : s.items)
      one(item.expr);
    if (s.from)
      from(*s.from);
    one(s.where), list(s.group_by), one(s.having);
  }
  /// All clauses but FROM.
  template <class S> void clauses(S& s) {
    list(s.distinct_on);
    for (auto& item : s.items)
      one(item.expr);
    one(s.where), list(s.group_by), one(s.having);
  }
  template <class B> void body(B& b) {
    if (auto* s = std::get_if<Select>(&b.node)) {
      select(*s);
    } else if (auto* values = std::get_if<Values>(&b.node)) {
      for (auto& row : values->rows)
        list(row);
    } else if (auto* set = std::get_if<SetOperation>(&b.node)) {
      body(*set->left), body(*set->right);
    } else {
      on_query(*std::get<Arm>(b.node).query);
    }
  }
  template <class Q> void query(Q& q) {
    for (auto& cte : q.with)
      on_query(*cte.query);
    body(q.body);
    for (auto& named : q.windows)
      window(named.window);
    order(q.order_by), one(q.limit), one(q.offset);
  }
};

/// Children of an expression: expressions and sub-queries.
template <class E, class OnExpr, class OnQuery>
void for_each_child(E& expr, OnExpr on_expr, OnQuery on_query) {
  Children<OnExpr, OnQuery> children{std::move(on_expr), std::move(on_query)};
  std::visit([&children](auto& node) { children.node(node); }, expr.node);
}

/// Top expressions of all clauses of a query, and the queries in its WITH and FROM.
template <class Q, class OnExpr, class OnQuery>
void for_each_clause(Q& query, OnExpr on_expr, OnQuery on_query) {
  Children<OnExpr, OnQuery>{std::move(on_expr), std::move(on_query)}.query(query);
}

} // namespace quill::sql
