#include <algorithm>

#include "quill/sql/tree.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

bool same(const From& a, const From& b);
bool same(const Body& a, const Body& b);

bool same(const ExprPtr& a, const ExprPtr& b) {
  return a && b ? equal(*a, *b) : !a && !b;
}
bool same(const QueryPtr& a, const QueryPtr& b) {
  return a && b ? equal(*a, *b) : !a && !b;
}
bool same(const FromPtr& a, const FromPtr& b) {
  return a && b ? same(*a, *b) : !a && !b;
}
bool same(const BodyPtr& a, const BodyPtr& b) {
  return a && b ? same(*a, *b) : !a && !b;
}
bool same(const std::string& a, const std::string& b) {
  return same_name(a, b);
}
bool same(const OrderTerm& a, const OrderTerm& b) {
  return a.descending == b.descending && a.nulls_first == b.nulls_first && same(a.expr, b.expr);
}
bool same(const CaseWhen& a, const CaseWhen& b) {
  return same(a.when, b.when) && same(a.then, b.then);
}
bool same(const SelectItem& a, const SelectItem& b) {
  return same(a.alias, b.alias) && same(a.expr, b.expr);
}
bool same(const Window& a, const Window& b);
bool same(const NamedWindow& a, const NamedWindow& b) {
  return same(a.name, b.name) && same(a.window, b.window);
}
bool same(const Cte& a, const Cte& b);
bool same(const Step& a, const Step& b);

template <class T> bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return same(x, y); });
}

bool same(const Window& a, const Window& b) {
  return same(a.base, b.base) && same(a.partition_by, b.partition_by) &&
         same(a.order_by, b.order_by) && a.frame == b.frame;
}
bool same(const std::unique_ptr<Window>& a, const std::unique_ptr<Window>& b) {
  return a && b ? same(*a, *b) : !a && !b;
}
bool same(const Cte& a, const Cte& b) {
  return same(a.name, b.name) && same(a.columns, b.columns) && a.materialized == b.materialized &&
         same(a.query, b.query);
}

// A name in double quotes may be a string: then its case counts.
bool same(const Column& a, const Column& b) {
  return same(a.schema, b.schema) && same(a.table, b.table) &&
         (a.quoted || b.quoted ? a.name == b.name : same(a.name, b.name));
}
bool same(const Star& a, const Star& b) {
  return same(a.table, b.table);
}
bool same(const Literal& a, const Literal& b) {
  return a.kind == b.kind && a.text == b.text;
}
bool same(const Parameter& a, const Parameter& b) {
  return a.name == b.name;
}
bool same(const Unary& a, const Unary& b) {
  return a.op == b.op && same(a.arg, b.arg);
}
bool same(const Binary& a, const Binary& b) {
  return a.op == b.op && same(a.left, b.left) && same(a.right, b.right);
}
bool same(const Between& a, const Between& b) {
  return a.negated == b.negated && a.symmetric == b.symmetric && same(a.arg, b.arg) &&
         same(a.low, b.low) && same(a.high, b.high);
}
bool same(const Match& a, const Match& b) {
  return a.op == b.op && a.negated == b.negated && same(a.arg, b.arg) &&
         same(a.pattern, b.pattern) && same(a.escape, b.escape);
}
bool same(const InList& a, const InList& b) {
  return a.negated == b.negated && same(a.arg, b.arg) && same(a.items, b.items);
}
bool same(const InQuery& a, const InQuery& b) {
  return a.negated == b.negated && same(a.arg, b.arg) && same(a.query, b.query);
}
bool same(const Exists& a, const Exists& b) {
  return a.negated == b.negated && same(a.query, b.query);
}
bool same(const Scalar& a, const Scalar& b) {
  return same(a.query, b.query);
}
bool same(const IsNull& a, const IsNull& b) {
  return a.negated == b.negated && same(a.arg, b.arg);
}
bool same(const Call& a, const Call& b) {
  return same(a.name, b.name) && same(a.args, b.args) && a.star == b.star &&
         a.distinct == b.distinct && same(a.filter, b.filter) && same(a.over, b.over) &&
         a.in_words == b.in_words && same(a.order_by, b.order_by) &&
         a.within_group == b.within_group && a.variadic == b.variadic && same(a.schema, b.schema);
}
bool same(const Case& a, const Case& b) {
  return same(a.operand, b.operand) && same(a.branches, b.branches) &&
         same(a.otherwise, b.otherwise);
}
bool same(const Cast& a, const Cast& b) {
  return same(a.type, b.type) && same(a.arg, b.arg);
}
bool same(const Collate& a, const Collate& b) {
  return same(a.collation, b.collation) && same(a.arg, b.arg);
}
bool same(const RowValue& a, const RowValue& b) {
  return a.row_word == b.row_word && same(a.items, b.items);
}
bool same(const Quantified& a, const Quantified& b) {
  return a.op == b.op && a.all == b.all && same(a.left, b.left) && same(a.query, b.query) &&
         same(a.array, b.array);
}
bool same(const Array& a, const Array& b) {
  return same(a.items, b.items) && same(a.query, b.query);
}
bool same(const Step& a, const Step& b) {
  return a.slice == b.slice && same(a.field, b.field) && same(a.low, b.low) && same(a.high, b.high);
}
bool same(const Access& a, const Access& b) {
  return same(a.arg, b.arg) && same(a.steps, b.steps);
}
bool same(const NamedArgument& a, const NamedArgument& b) {
  return same(a.name, b.name) && same(a.arg, b.arg);
}
bool same(const GroupingSet& a, const GroupingSet& b) {
  return a.kind == b.kind && same(a.items, b.items);
}

bool same(const TableName& a, const TableName& b) {
  return same(a.schema, b.schema) && same(a.name, b.name) && same(a.alias, b.alias) &&
         same(a.columns, b.columns) && a.only == b.only && same(a.hint, b.hint);
}
bool same(const Derived& a, const Derived& b) {
  return same(a.alias, b.alias) && same(a.query, b.query) && same(a.columns, b.columns) &&
         a.lateral == b.lateral;
}
bool same(const TableFunction& a, const TableFunction& b) {
  return same(a.call, b.call) && same(a.alias, b.alias) && same(a.columns, b.columns) &&
         a.lateral == b.lateral && a.ordinality == b.ordinality;
}
bool same(const Arm& a, const Arm& b) {
  return same(a.query, b.query);
}
bool same(const Join& a, const Join& b) {
  return a.kind == b.kind && a.natural == b.natural && same(a.left, b.left) &&
         same(a.right, b.right) && same(a.on, b.on) && same(a.using_columns, b.using_columns);
}
bool same(const Select& a, const Select& b) {
  return a.distinct == b.distinct && same(a.distinct_on, b.distinct_on) && same(a.items, b.items) &&
         same(a.from, b.from) && same(a.where, b.where) && same(a.group_by, b.group_by) &&
         same(a.having, b.having);
}
bool same(const Values& a, const Values& b) {
  return std::ranges::equal(a.rows, b.rows,
                            [](const auto& x, const auto& y) { return same(x, y); });
}
bool same(const SetOperation& a, const SetOperation& b) {
  return a.kind == b.kind && a.all == b.all && same(a.left, b.left) && same(a.right, b.right);
}

template <class Variant> bool same_variant(const Variant& a, const Variant& b) {
  return a.index() == b.index() && std::visit(
                                       [&b](const auto& node) {
                                         using Node = std::decay_t<decltype(node)>;
                                         return same(node, std::get<Node>(b));
                                       },
                                       a);
}

bool same(const From& a, const From& b) {
  return same_variant(a.node, b.node);
}
bool same(const Body& a, const Body& b) {
  return same_variant(a.node, b.node);
}

} // namespace

bool equal(const Expr& a, const Expr& b) {
  return same_variant(a.node, b.node);
}

bool equal(const Query& a, const Query& b) {
  return a.recursive == b.recursive && same(a.with, b.with) && same(a.body, b.body) &&
         same(a.windows, b.windows) && same(a.order_by, b.order_by) && same(a.limit, b.limit) &&
         same(a.offset, b.offset) && a.with_ties == b.with_ties;
}

} // namespace quill::sql
