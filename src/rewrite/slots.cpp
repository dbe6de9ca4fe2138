#include "rewrite/slots.hpp"

#include <type_traits>

namespace quill::rewrite {

namespace {

template <class... F> struct Overloaded : F... {
  using F::operator()...;
};
template <class... F> Overloaded(F...) -> Overloaded<F...>;

/// Children of any expression, const or not: `visit` takes (const) ExprPtr&.
template <class E, class V> void children(E& expr, const V& visit) {
  const auto one = [&](auto& slot) {
    if (slot)
      visit(slot);
  };
  const auto many = [&](auto& slots) {
    for (auto& slot : slots)
      one(slot);
  };
  const auto order = [&](auto& terms) {
    for (auto& term : terms)
      one(term.expr);
  };
  const auto call = [&](auto& node) {
    many(node.args);
    one(node.filter);
    if (node.over) {
      auto& window = *node.over;
      many(window.partition_by);
      order(window.order_by);
    }
  };
  const auto cases = [&](auto& node) {
    one(node.operand);
    for (auto& branch : node.branches) {
      one(branch.when);
      one(branch.then);
    }
    one(node.otherwise);
  };
  std::visit(
      [&](auto& node) {
        using T = std::remove_cvref_t<decltype(node)>;
        if constexpr (std::is_same_v<T, sql::Binary>) {
          one(node.left);
          one(node.right);
        } else if constexpr (std::is_same_v<T, sql::Between>) {
          one(node.arg);
          one(node.low);
          one(node.high);
        } else if constexpr (std::is_same_v<T, sql::Match>) {
          one(node.arg);
          one(node.pattern);
          one(node.escape);
        } else if constexpr (std::is_same_v<T, sql::InList>) {
          one(node.arg);
          many(node.items);
        } else if constexpr (std::is_same_v<T, sql::RowValue>) {
          many(node.items);
        } else if constexpr (std::is_same_v<T, sql::Call>) {
          call(node);
        } else if constexpr (std::is_same_v<T, sql::Case>) {
          cases(node);
        } else if constexpr (requires { node.arg; }) {
          one(node.arg);
        }
      },
      expr.node);
}

template <class F, class V> void joins(F& from, const V& visit) {
  if (auto* join = std::get_if<sql::Join>(&from.node)) {
    joins(*join->left, visit);
    joins(*join->right, visit);
    visit(*join);
  }
}

/// Clauses of any block, const or not: `visit(clause, slot)`.
template <class Q, class V> void clauses(Q& query, const V& visit) {
  const auto one = [&](Clause clause, auto& slot) {
    if (slot)
      visit(clause, slot);
  };
  if (auto* select = query.select()) {
    for (auto& item : select->items)
      one(Clause::item, item.expr);
    if (select->from)
      joins(*select->from, [&](auto& join) { one(Clause::on, join.on); });
    one(Clause::where, select->where);
    for (auto& key : select->group_by)
      one(Clause::group, key);
    one(Clause::having, select->having);
  }
  for (auto& named : query.windows) {
    for (auto& key : named.window.partition_by)
      one(Clause::window, key);
    for (auto& term : named.window.order_by)
      one(Clause::window, term.expr);
  }
  for (auto& term : query.order_by)
    one(Clause::order, term.expr);
  one(Clause::limit, query.limit);
  one(Clause::limit, query.offset);
}

} // namespace

void each_child(sql::Expr& expr, const std::function<void(sql::ExprPtr&)>& visit) {
  children(expr, visit);
}

void each_slot(sql::ExprPtr& slot, const std::function<void(sql::ExprPtr&)>& visit) {
  children(*slot, [&](sql::ExprPtr& child) { each_slot(child, visit); });
  visit(slot);
}

void each_expr(const sql::Expr& expr, const std::function<void(const sql::Expr&)>& visit) {
  visit(expr);
  children(expr, [&](const sql::ExprPtr& child) { each_expr(*child, visit); });
}

void each_subquery(const sql::Expr& expr, const std::function<void(const sql::Query&)>& visit) {
  each_expr(expr, [&](const sql::Expr& part) {
    std::visit(Overloaded{[&](const sql::InQuery& node) { visit(*node.query); },
                          [&](const sql::Exists& node) { visit(*node.query); },
                          [&](const sql::Scalar& node) { visit(*node.query); }, [](const auto&) {}},
               part.node);
  });
}

void each_clause(sql::Query& query, const ClauseVisit& visit) {
  clauses(query, visit);
}

void each_clause(const sql::Query& query, const ConstClauseVisit& visit) {
  clauses(query, [&](Clause clause, const sql::ExprPtr& slot) { visit(clause, *slot); });
}

void each_on(sql::From& from, const std::function<void(sql::Join&)>& visit) {
  joins(from, visit);
}

void each_truth(sql::ExprPtr& condition, const std::function<void(sql::ExprPtr&)>& visit) {
  if (!condition)
    return;
  auto* logic = condition->as<sql::Binary>();
  if (logic == nullptr || (logic->op != "AND" && logic->op != "OR"))
    return visit(condition);
  each_truth(logic->left, visit);
  each_truth(logic->right, visit);
}

} // namespace quill::rewrite
