#include <type_traits>
#include <utility>

#include "quill/sql/tree.hpp"

namespace quill::sql {
namespace {

template <class T> std::unique_ptr<T> copy(const std::unique_ptr<T>& from) {
  return from ? std::make_unique<T>(clone(*from)) : nullptr;
}

QueryPtr copy(const QueryPtr& query) {
  return query ? clone(*query) : nullptr;
}
ExprPtr copy(const ExprPtr& expr) {
  return clone(expr);
}
FromPtr copy(const FromPtr& from) {
  return from ? clone(*from) : nullptr;
}

std::vector<ExprPtr> copy(const std::vector<ExprPtr>& list) {
  std::vector<ExprPtr> result;
  result.reserve(list.size());
  for (const auto& item : list)
    result.push_back(clone(item));
  return result;
}

std::vector<OrderTerm> copy(const std::vector<OrderTerm>& list) {
  std::vector<OrderTerm> result;
  result.reserve(list.size());
  for (const auto& item : list)
    result.push_back(clone(item));
  return result;
}

Window copy(const Window& w) {
  return {w.base, copy(w.partition_by), copy(w.order_by), w.frame};
}

std::unique_ptr<Window> copy(const std::unique_ptr<Window>& window) {
  return window ? std::make_unique<Window>(copy(*window)) : nullptr;
}

// Nodes without children.
Column copy(const Column& n) {
  return n;
}
Star copy(const Star& n) {
  return n;
}
Literal copy(const Literal& n) {
  return n;
}
Parameter copy(const Parameter& n) {
  return n;
}

Unary copy(const Unary& n) {
  return {n.op, copy(n.arg)};
}
Binary copy(const Binary& n) {
  return {n.op, copy(n.left), copy(n.right)};
}
Between copy(const Between& n) {
  return {copy(n.arg), copy(n.low), copy(n.high), n.negated, n.symmetric};
}
Match copy(const Match& n) {
  return {n.op, copy(n.arg), copy(n.pattern), copy(n.escape), n.negated};
}
InList copy(const InList& n) {
  return {copy(n.arg), copy(n.items), n.negated};
}
InQuery copy(const InQuery& n) {
  return {copy(n.arg), copy(n.query), n.negated};
}
Exists copy(const Exists& n) {
  return {copy(n.query), n.negated};
}
Scalar copy(const Scalar& n) {
  return {copy(n.query)};
}
IsNull copy(const IsNull& n) {
  return {copy(n.arg), n.negated};
}
Call copy(const Call& n) {
  return {n.name,     copy(n.args),     n.star,         n.distinct, copy(n.filter), copy(n.over),
          n.in_words, copy(n.order_by), n.within_group, n.variadic, n.schema};
}
Case copy(const Case& n) {
  Case result{copy(n.operand), {}, copy(n.otherwise)};
  for (const auto& branch : n.branches)
    result.branches.push_back({copy(branch.when), copy(branch.then)});
  return result;
}
Cast copy(const Cast& n) {
  return {copy(n.arg), n.type};
}
Collate copy(const Collate& n) {
  return {copy(n.arg), n.collation};
}
RowValue copy(const RowValue& n) {
  return {copy(n.items), n.row_word};
}
Quantified copy(const Quantified& n) {
  return {n.op, n.all, copy(n.left), copy(n.query), copy(n.array)};
}
Array copy(const Array& n) {
  return {copy(n.items), copy(n.query)};
}
Access copy(const Access& n) {
  Access result{copy(n.arg), {}};
  for (const auto& step : n.steps)
    result.steps.push_back({copy(step.low), copy(step.high), step.slice, step.field});
  return result;
}
NamedArgument copy(const NamedArgument& n) {
  return {n.name, copy(n.arg)};
}
GroupingSet copy(const GroupingSet& n) {
  return {n.kind, copy(n.items)};
}

TableName copy(const TableName& n) {
  return n;
}
Derived copy(const Derived& n) {
  return {copy(n.query), n.alias, n.columns, n.lateral};
}
TableFunction copy(const TableFunction& n) {
  return {copy(n.call), n.alias, n.columns, n.lateral, n.ordinality};
}
Join copy(const Join& n) {
  return {n.kind, n.natural, copy(n.left), copy(n.right), copy(n.on), n.using_columns};
}

Values copy(const Values& n) {
  Values result;
  for (const auto& row : n.rows)
    result.rows.push_back(copy(row));
  return result;
}
SetOperation copy(const SetOperation& n) {
  return {n.kind, n.all, copy<Body>(n.left), copy<Body>(n.right)};
}
Arm copy(const Arm& n) {
  return {copy(n.query)};
}
Select copy(const Select& n) {
  return clone(n);
}

} // namespace

ExprPtr clone(const Expr& expr) {
  return std::visit([](const auto& node) { return std::make_unique<Expr>(Expr{copy(node)}); },
                    expr.node);
}

ExprPtr clone(const ExprPtr& expr) {
  return expr ? clone(*expr) : nullptr;
}

FromPtr clone(const From& from) {
  return std::visit([](const auto& node) { return std::make_unique<From>(From{copy(node)}); },
                    from.node);
}

OrderTerm clone(const OrderTerm& term) {
  return {clone(term.expr), term.descending, term.nulls_first};
}

Select clone(const Select& select) {
  Select result;
  result.distinct = select.distinct;
  result.distinct_on = copy(select.distinct_on);
  for (const auto& item : select.items)
    result.items.push_back({clone(item.expr), item.alias});
  result.from = copy(select.from);
  result.where = clone(select.where);
  result.group_by = copy(select.group_by);
  result.having = clone(select.having);
  return result;
}

Body clone(const Body& body) {
  return std::visit([](const auto& node) { return Body{copy(node)}; }, body.node);
}

QueryPtr clone(const Query& query) {
  auto result = std::make_unique<Query>();
  result->recursive = query.recursive;
  for (const auto& cte : query.with)
    result->with.push_back({cte.name, cte.columns, cte.materialized, copy(cte.query)});
  result->body = clone(query.body);
  for (const auto& window : query.windows)
    result->windows.push_back({window.name, copy(window.window)});
  result->order_by = copy(query.order_by);
  result->limit = clone(query.limit);
  result->offset = clone(query.offset);
  result->with_ties = query.with_ties;
  return result;
}

} // namespace quill::sql
