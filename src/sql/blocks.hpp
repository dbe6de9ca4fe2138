// Every expression of a query with the scope its names are looked up in.
#pragma once

#include "quill/sql/resolve.hpp"
#include "sql/children.hpp"

namespace quill::sql {

/// Calls visit(expr, scope, select) for each expression node, parents first; `select` is the block.
/// ORDER BY of a compound names result columns, not sources, and is left out.
template <class Visit> class Blocks {
 public:
  Blocks(const Schema& schema, Visit visit) : schema_(schema), visit_(std::move(visit)) {}

  template <class Q> void query(Q& query, const Scope* outer) {
    const auto ctes = Scope::of_ctes(query, schema_, outer);
    for (auto& cte : query.with)
      this->query(*cte.query, &ctes);
    body(query.body, query, ctes, true);
  }

 private:
  template <class B, class Q> void body(B& body, Q& query, const Scope& ctes, bool whole) {
    if (auto* select = std::get_if<Select>(&body.node)) {
      const Scope scope(*select, schema_, &ctes);
      this->select(*select, scope, ctes);
      if (whole)
        tail(query, *select, scope);
    } else if (auto* set = std::get_if<SetOperation>(&body.node)) {
      this->body(*set->left, query, ctes, false);
      this->body(*set->right, query, ctes, false);
    } else if (auto* values = std::get_if<Values>(&body.node)) {
      for (auto& row : values->rows)
        for (auto& item : row)
          expr(*item, ctes, nullptr);
    } else {
      this->query(*std::get<Arm>(body.node).query, &ctes);
    }
  }

  template <class S> void select(S& select, const Scope& scope, const Scope& ctes) {
    for (auto& key : select.distinct_on)
      one(key, scope, select);
    for (auto& item : select.items)
      expr(*item.expr, scope, &select);
    if (select.from)
      from(*select.from, scope, ctes, select);
    one(select.where, scope, select);
    for (auto& key : select.group_by)
      one(key, scope, select);
    one(select.having, scope, select);
  }

  template <class F, class S> void from(F& tree, const Scope& scope, const Scope& ctes, S& select) {
    if (auto* derived = std::get_if<Derived>(&tree.node)) {
      query(*derived->query, derived->lateral ? &scope : &ctes);
    } else if (auto* function = std::get_if<TableFunction>(&tree.node)) {
      one(function->call, scope, select);
    } else if (auto* join = std::get_if<Join>(&tree.node)) {
      from(*join->left, scope, ctes, select);
      from(*join->right, scope, ctes, select);
      one(join->on, scope, select);
    }
  }

  template <class Q, class S> void tail(Q& query, S& select, const Scope& scope) {
    for (auto& named : query.windows) {
      for (auto& key : named.window.partition_by)
        one(key, scope, select);
      for (auto& term : named.window.order_by)
        one(term.expr, scope, select);
    }
    for (auto& term : query.order_by)
      one(term.expr, scope, select);
    one(query.limit, scope, select);
    one(query.offset, scope, select);
  }

  template <class P, class S> void one(P& pointer, const Scope& scope, S& select) {
    if (pointer)
      expr(*pointer, scope, &select);
  }

  template <class E> void expr(E& node, const Scope& scope, const Select* select) {
    visit_(node, scope, select);
    for_each_child(
        node, [&](auto& child) { expr(child, scope, select); },
        [&](auto& child) { query(child, &scope); });
  }

  const Schema& schema_;
  Visit visit_;
};

} // namespace quill::sql
