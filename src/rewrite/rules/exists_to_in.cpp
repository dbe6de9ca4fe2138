// EXISTS (SELECT 1 FROM t WHERE t.k = o.x AND p)  →  o.x IN (SELECT t.k FROM t WHERE p)
// NOT EXISTS likewise becomes NOT IN, with guards for NULL
//
// Matches: [NOT] EXISTS in WHERE (below AND and OR), whose sub-query reads the outer block in
// equalities `inner column = outer column` only.
// Must hold: each equality compares two base columns of one domain under BINARY (then IN compares
// the same way); no aggregate (it gives a row always), GROUP BY, HAVING, DISTINCT, OFFSET, WITH;
// for NOT: one equality, `k IS NOT NULL` is added when k may be NULL (NOT IN over a set with NULL
// gives no rows) and `x IS NULL OR` when x may be NULL (NOT EXISTS keeps that row). Why the rows
// are the same: IN gives NULL where EXISTS gives false only when x or some k is NULL, and in WHERE
// both drop the row.
#include "rewrite/slot_rule.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "exists-to-in", "join", "a correlated EXISTS becomes IN over a sub-query that runs once",
    "3x measured, 100x and more when nothing is indexed: one scan instead of one a row",
    "a small outer side with an index on the inner column: the list is built for few looks"};

constexpr const char* kWhy =
    "The correlated EXISTS became IN over a sub-query that runs once: it was tied to the "
    "outer row by equality only, and NULLs are kept from making a difference.";

sql::ExprPtr column_of(const sql::Column& column) {
  return sql::expr(sql::Column(column));
}

sql::QueryPtr keys_of(const sql::Query& query, Correlation& found) {
  auto keys = sql::clone(query);
  auto& select = *keys->select();
  select.items.clear();
  for (const auto& tie : found.ties)
    select.items.push_back({column_of(tie.inner), ""});
  select.where = std::move(found.remainder);
  keys->order_by.clear();
  keys->limit = nullptr;
  return keys;
}

sql::ExprPtr left_side(const std::vector<Tie>& ties) {
  if (ties.size() == 1)
    return column_of(ties[0].outer);
  sql::RowValue row;
  for (const auto& tie : ties)
    row.items.push_back(column_of(tie.outer));
  return sql::expr(std::move(row));
}

sql::ExprPtr not_in(const sql::Query& query, Correlation& found) {
  if (found.ties.size() != 1)
    return nullptr;
  const Tie tie = found.ties[0];
  auto keys = keys_of(query, found);
  if (tie.inner_nullable)
    keys->select()->where = sql::both(std::move(keys->select()->where),
                                      sql::expr(sql::IsNull{column_of(tie.inner), true}));
  auto out = sql::expr(sql::InQuery{column_of(tie.outer), std::move(keys), true});
  if (!tie.outer_nullable)
    return out;
  return sql::binary("OR", sql::expr(sql::IsNull{column_of(tie.outer), false}), std::move(out));
}

sql::ExprPtr as_in(const sql::Query& query, bool negated, const Block& block,
                   const sql::Schema& schema) {
  if (!is_plain_block_with_limit(query) || is_grouped(query)) // an aggregate gives a row always
    return nullptr;
  auto found = correlation(query, schema, block.scope);
  if (!found)
    return nullptr;
  if (negated)
    return not_in(query, *found);
  auto left = left_side(found->ties);
  return sql::expr(sql::InQuery{std::move(left), keys_of(query, *found), false});
}

sql::ExprPtr replacement(const sql::Expr& leaf, const Block& block, const Subject& subject) {
  const auto* negation = leaf.as<sql::Unary>();
  const bool turned = negation != nullptr && negation->op == "NOT";
  const auto* exists = (turned ? *negation->arg : leaf).as<sql::Exists>();
  if (exists == nullptr)
    return nullptr;
  return as_in(*exists->query, exists->negated != turned, block, *subject.schema);
}

} // namespace

RulePtr exists_to_in() {
  return slot_rule(kWords, Slots::where_truths, replacement, kWhy);
}

} // namespace quill::rewrite
