// SELECT (SELECT count(*) FROM t WHERE a = 1), (SELECT sum(x) FROM t WHERE a = 2)
//   →  SELECT count(*) FILTER (WHERE a = 1), sum(x) FILTER (WHERE a = 2) FROM t
//
// Matches: a SELECT without FROM and WHERE, two or more of whose items' scalar sub-queries
// aggregate over the same FROM; every scalar sub-query in it is one of these.
// Must hold: the sub-queries are plain (no GROUP BY, HAVING, LIMIT, DISTINCT), uncorrelated, and
// made of aggregates that do not depend on order. Conditions that all of them share go to WHERE,
// the others to the aggregate's FILTER. Why the rows are the same: one row either way; FILTER hands
// the aggregate exactly the rows its WHERE let through, so for none count is 0 and sum, avg, min,
// max are NULL as before.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/set_arms.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"scalar-scans-to-one", "redundancy",
                           "several aggregates over the same table are computed in one scan",
                           "2x to 3x measured: one scan instead of many",
                           "each scan had an index of its own that finds few rows"};

bool is_mergeable(const sql::Query& query, const Block& block, const sql::Schema& schema) {
  const auto* select = query.select();
  return is_plain_block(query) && select->from && select->items.size() == 1 &&
         is_aggregate_expression(*select->items[0].expr) &&
         free_columns(query, schema, &block.scope).empty();
}

std::vector<const sql::Query*> scalars_of(const Block& block) {
  std::vector<const sql::Query*> scalars;
  for (const auto& item : block.select.items)
    each_subquery(*item.expr, [&](const sql::Query& query) { scalars.push_back(&query); });
  return scalars;
}

bool holds_only_scalars(const Block& block) {
  bool only = true;
  for (const auto& item : block.select.items)
    each_expr(*item.expr, [&](const sql::Expr& part) {
      only &= part.as<sql::Exists>() == nullptr && part.as<sql::InQuery>() == nullptr &&
              part.as<sql::Star>() == nullptr && part.as<sql::Column>() == nullptr;
    });
  return only;
}

bool holds(const std::vector<const sql::Expr*>& conditions, const sql::Expr& one) {
  return std::any_of(conditions.begin(), conditions.end(),
                     [&](const sql::Expr* other) { return sql::equal(*other, one); });
}

/// The conjuncts that stand in every sub-query's WHERE.
std::vector<sql::ExprPtr> shared_conditions(const std::vector<const sql::Query*>& scalars) {
  std::vector<sql::ExprPtr> shared;
  for (const auto* one : sql::conjuncts(scalars[0]->select()->where.get())) {
    const bool everywhere =
        std::all_of(scalars.begin(), scalars.end(), [&](const sql::Query* query) {
          return holds(sql::conjuncts(query->select()->where.get()), *one);
        });
    if (everywhere)
      shared.push_back(sql::clone(*one));
  }
  return shared;
}

/// The sub-query's value as aggregates over the common scan.
sql::ExprPtr filtered_value(const sql::Query& query, const std::vector<sql::ExprPtr>& shared) {
  std::vector<const sql::Expr*> known;
  for (const auto& one : shared)
    known.push_back(one.get());
  std::vector<sql::ExprPtr> own;
  for (const auto* one : sql::conjuncts(query.select()->where.get()))
    if (!holds(known, *one))
      own.push_back(sql::clone(*one));
  const auto condition = sql::join_conjuncts(std::move(own));
  auto value = sql::clone(query.select()->items[0].expr);
  if (condition)
    replace_aggregates(value, [&](const sql::Expr& aggregate) {
      auto filtered = sql::clone(aggregate);
      auto& call = *filtered->as<sql::Call>();
      call.filter = sql::both(sql::clone(condition), std::move(call.filter));
      return filtered;
    });
  return value;
}

bool merge(Block& block, const sql::Schema& schema) {
  const auto scalars = scalars_of(block);
  if (block.select.from || block.select.where || is_grouped(block.query) || block.query.limit ||
      block.query.offset || scalars.size() < 2 || !holds_only_scalars(block))
    return false;
  if (!std::all_of(scalars.begin(), scalars.end(), [&](const sql::Query* query) {
        return is_mergeable(*query, block, schema) &&
               from_text(*query->select()) == from_text(*scalars[0]->select());
      }))
    return false;
  auto shared = shared_conditions(scalars);
  auto from = sql::clone(*scalars[0]->select()->from);
  for (auto& item : block.select.items)
    each_slot(item.expr, [&](sql::ExprPtr& part) {
      if (const auto* scalar = part->as<sql::Scalar>())
        part = filtered_value(*scalar->query, shared);
    });
  block.query.order_by.clear(); // one row
  block.select.distinct = false;
  block.select.from = std::move(from);
  block.select.where = sql::join_conjuncts(std::move(shared));
  return true;
}

class ScalarScansToOne final : public WordedRule {
 public:
  ScalarScansToOne() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!merge(block, *subject.schema))
        return std::nullopt;
      return "Sub-queries that each scanned the same table became one scan: each aggregate counts "
             "by its own FILTER the rows its WHERE let through.";
    });
  }
};

} // namespace

RulePtr scalar_scans_to_one() {
  return std::make_unique<ScalarScansToOne>();
}

} // namespace quill::rewrite
