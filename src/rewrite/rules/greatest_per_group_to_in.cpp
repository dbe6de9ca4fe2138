// o.at = (SELECT max(p.at) FROM orders p WHERE p.user_id = o.user_id)
//   →  (o.user_id, o.at) IN (SELECT p.user_id, max(p.at) FROM orders p GROUP BY p.user_id)
//
// Matches: column = a scalar sub-query of one min or max of a column, in WHERE (below AND and OR),
// correlated by equality only.
// Must hold: every pair of columns that meets is of one domain under BINARY. Ties are kept as they
// were: all rows at the greatest value.
// Why the rows are the same: the pair is among the groups iff the row's group has that greatest
// value. A NULL key or value makes = NULL and IN not true: WHERE drops the row either way.
#include "rewrite/aggregates.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/slot_rule.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "greatest-per-group-to-in", "join",
    "the latest (greatest, least) row of each group is found by IN over one grouped sub-query",
    "without an index on the group key: 390x measured",
    "an index on (key, value): the correlated form then reads one entry a row"};

constexpr const char* kWhy =
    "The greatest (least) value of each group is computed once for all groups, and a row "
    "stays when its key and value are among them; rows that tie all stay, as before.";

/// min(c) or max(c) of a plain column; null else.
const sql::Column* extreme_column(const sql::Query& query) {
  const auto* select = query.select();
  const auto* call = select != nullptr && select->items.size() == 1
                         ? aggregate_call(*select->items[0].expr)
                         : nullptr;
  if (call == nullptr || (call->name != "min" && call->name != "max") || call->filter)
    return nullptr;
  return call->args[0]->as<sql::Column>();
}

bool same_domain(const sql::Column& outer, const sql::Column& inner, const sql::Query& query,
                 const Block& block, const sql::Schema& schema) {
  const sql::Scope scope(query, schema, &block.scope);
  const auto* a = block.scope.info(outer);
  const auto* b = scope.info(inner);
  return a != nullptr && b != nullptr && compares_plainly(*a, *b);
}

sql::QueryPtr grouped(const sql::Query& query, Correlation& found) {
  auto groups = sql::clone(query);
  auto& select = *groups->select();
  auto extreme = std::move(select.items[0].expr);
  select.items.clear();
  for (const auto& tie : found.ties) {
    select.items.push_back({sql::expr(sql::Column(tie.inner)), ""});
    select.group_by.push_back(sql::expr(sql::Column(tie.inner)));
  }
  select.items.push_back({std::move(extreme), ""});
  select.where = std::move(found.remainder);
  groups->order_by.clear();
  groups->limit = nullptr;
  return groups;
}

sql::ExprPtr as_in(const sql::Column& value, const sql::Query& query, const Block& block,
                   const sql::Schema& schema) {
  const auto* extreme = extreme_column(query);
  if (extreme == nullptr || !is_plain_block_with_limit(query) ||
      !same_domain(value, *extreme, query, block, schema))
    return nullptr;
  auto found = correlation(query, schema, block.scope);
  if (!found)
    return nullptr;
  sql::RowValue row;
  for (const auto& tie : found->ties)
    row.items.push_back(sql::expr(sql::Column(tie.outer)));
  row.items.push_back(sql::expr(sql::Column(value)));
  return sql::expr(sql::InQuery{sql::expr(std::move(row)), grouped(query, *found), false});
}

sql::ExprPtr replacement(const sql::Expr& leaf, const Block& block, const Subject& subject) {
  const auto found = comparison(leaf);
  if (!found || found->op != "=")
    return nullptr;
  const auto* left = found->left;
  const auto* right = found->right;
  if (right->as<sql::Scalar>() == nullptr)
    std::swap(left, right);
  const auto* column = left->as<sql::Column>();
  const auto* scalar = right->as<sql::Scalar>();
  if (column == nullptr || scalar == nullptr)
    return nullptr;
  return as_in(*column, *scalar->query, block, *subject.schema);
}

} // namespace

RulePtr greatest_per_group_to_in() {
  return slot_rule(kWords, Slots::where_truths, replacement, kWhy);
}

} // namespace quill::rewrite
