// o.x IN (SELECT t.k FROM t WHERE p)  →  EXISTS (SELECT 1 FROM t WHERE t.k = o.x AND p)
//
// x NOT IN (SELECT t.k …)  →  NOT EXISTS likewise, where an index on k is there
//
// Matches: [NOT] IN in WHERE, below AND and OR, over an uncorrelated sub-query of one column.
// Must hold: x and k are base columns of one domain under BINARY; the sub-query is plain (no GROUP
// BY, DISTINCT may go, no LIMIT); the outer name is not hidden by a source of the sub-query. NOT
// IN: neither x nor k may be NULL (NOT IN is then never true), and k leads an index: without one
// NOT EXISTS scans for every row, a thousand times slower. Why the rows are the same: both are true
// iff some k equals x; where IN is NULL, EXISTS is false, and WHERE drops the row either way.
#include <algorithm>

#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slot_rule.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "in-to-exists", "join", "IN over a sub-query becomes a correlated EXISTS",
    "few outer rows and an index on the inner column: looks up instead of building the list",
    "without that index it scans the inner table for every row"};

constexpr const char* kWhy =
    "IN over a sub-query became EXISTS with the equality inside, so that each outer row "
    "looks its partner up: both are true for the same rows, and WHERE drops the rest.";

/// Is there an index (or the rowid) to look the column up by?
bool leads_an_index(const sql::Column& column, const sql::Scope& scope) {
  const auto* source = scope.find(column);
  if (source == nullptr || source->table == nullptr)
    return false;
  const auto leads = [&](const std::vector<std::string>& columns) {
    return !columns.empty() && same_name(columns.front(), column.name);
  };
  const auto& table = *source->table;
  return leads(table.primary_key) ||
         std::any_of(table.indexes.begin(), table.indexes.end(), [&](const sql::IndexInfo& index) {
           return !index.partial && leads(index.columns);
         });
}

sql::ExprPtr as_exists(const sql::InQuery& in, const Block& block, const sql::Schema& schema) {
  const auto* outer = in.arg->as<sql::Column>();
  const auto* select = in.query->select();
  if (outer == nullptr || select == nullptr || !select->from || select->items.size() != 1)
    return nullptr;
  auto rows = sql::clone(*in.query);
  rows->select()->distinct = false;
  const sql::Scope inner(*in.query, schema, &block.scope);
  const auto* key = select->items[0].expr->as<sql::Column>();
  const auto* key_info = key == nullptr ? nullptr : inner.info(*key);
  const auto* outer_info = block.scope.info(*outer);
  if (!is_plain_block(*rows) || key_info == nullptr || outer_info == nullptr ||
      !compares_plainly(*key_info, *outer_info) || inner.find(*outer) != nullptr ||
      !free_columns(*in.query, schema, &block.scope).empty() ||
      (in.negated && (block.scope.may_be_null(*in.arg) || inner.may_be_null(sql::Expr{*key}) ||
                      !leads_an_index(*key, inner))))
    return nullptr;
  auto& body = *rows->select();
  auto tie = sql::binary("=", sql::expr(sql::Column(*key)), sql::expr(sql::Column(*outer)));
  body.items.clear();
  body.items.push_back({sql::integer(1), ""});
  body.where = sql::both(std::move(tie), std::move(body.where));
  rows->order_by.clear();
  return sql::expr(sql::Exists{std::move(rows), in.negated});
}

sql::ExprPtr replacement(const sql::Expr& leaf, const Block& block, const Subject& subject) {
  const auto* in = leaf.as<sql::InQuery>();
  return in == nullptr ? nullptr : as_exists(*in, block, *subject.schema);
}

} // namespace

RulePtr in_to_exists() {
  return slot_rule(kWords, Slots::qualified_where_truths, replacement, kWhy);
}

} // namespace quill::rewrite
