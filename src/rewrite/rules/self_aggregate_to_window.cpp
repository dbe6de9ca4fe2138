// o.amount > (SELECT avg(p.amount) FROM orders p WHERE p.user_id = o.user_id)
//   →  FROM (SELECT …, avg(amount) OVER (PARTITION BY user_id) AS group_avg_amount FROM orders o) o
//      WHERE o.amount > o.group_avg_amount                         (scalar-aggregate-to-window)
// (SELECT count(*) FROM orders p WHERE p.user_id = o.user_id AND p.amount > o.amount)
//   →  count(*) OVER (PARTITION BY user_id ORDER BY amount DESC
//                     GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
//                                                                  (running-aggregate-to-window)
// Matches: a scalar sub-query of aggregates over one table (or CTE) that the outer block reads,
// too, tied to the outer row by equality of the same column (keys), by < <= > >= of the same column
// (order) or by a > b OR (a = b AND c < d), and conditions of its own; in WHERE, and in the SELECT
// list and ORDER BY of a block that is not grouped.
// Must hold: the same column on both sides (then affinity and collation are the same, and `=` and
// PARTITION BY, < and ORDER BY agree but for NULL); the outer table is not on the optional side of
// an outer join and nobody reads its rowid by that name; count(DISTINCT v) only of the ordered
// column itself (it is dense_rank); no group_concat; the columns of a two-part order NOT NULL.
// Why the rows are the same: the window sees every row of the table before WHERE and joins take
// any; conditions of the sub-query become FILTER. A row whose key or order is NULL has no rows in
// the sub-query: CASE gives it count 0 or NULL, and FILTER keeps NULLs of the order from counting.
// `<` and `>` leave ties out (GROUPS … 1 PRECEDING), `<=` and `>=` keep them (the default frame).
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/self_window.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kGroupWords{
    "scalar-aggregate-to-window", "join",
    "a correlated aggregate over the outer table itself becomes a window of it",
    "without an index on the key: 80x measured; the table is read once",
    "few outer rows and an index on the key: the window is computed for all rows"};
constexpr RuleWords kRunningWords{
    "running-aggregate-to-window", "join",
    "a rank by counting or a running sum by a sub-query becomes a window",
    "large groups: 130x measured without an index, more the larger the groups",
    "an index on (key, order) and few outer rows"};

class WindowValues {
 public:
  WindowValues(Block& block, const sql::Schema& schema, bool ordered)
      : block_(block), schema_(schema), windows_(block), ordered_(ordered) {}

  bool run() {
    const bool grouped = is_grouped(block_.query);
    each_clause(block_.query, [&](Clause clause, sql::ExprPtr& slot) {
      const bool late = clause == Clause::item || clause == Clause::order;
      if (clause == Clause::where || (late && !grouped))
        each_slot(slot, [&](sql::ExprPtr& part) {
          const auto* scalar = part->as<sql::Scalar>();
          auto value = scalar == nullptr ? nullptr : window_value(*scalar->query);
          if (value)
            part = std::move(value);
        });
    });
    if (windows_.any())
      windows_.install();
    return windows_.any();
  }

 private:
  sql::ExprPtr window_value(const sql::Query& query) {
    const auto* select = query.select();
    if (!is_plain_block_with_limit(query) || select->items.size() != 1 ||
        !is_aggregate_expression(*select->items[0].expr))
      return nullptr;
    const auto look = self_reference(query, block_.scope, schema_);
    if (!look || look->order.empty() == ordered_ || !reads_itself(*select->items[0].expr, query))
      return nullptr;
    const sql::Scope inner(query, schema_, &block_.scope);
    auto value = of_row(*select->items[0].expr, inner.sources()[0], inner, *look->row);
    bool fits = true;
    replace_aggregates(value, [&](const sql::Expr& one) {
      auto column = fits ? windows_.value(*look, *aggregate_call(one)) : nullptr;
      fits = column != nullptr;
      return column ? std::move(column) : sql::null();
    });
    return fits ? std::move(value) : nullptr;
  }

  bool reads_itself(const sql::Expr& item, const sql::Query& query) const {
    const sql::Scope inner(query, schema_, &block_.scope);
    return reads(item, inner, schema_).local() && !sql::has_subquery(item);
  }

  Block& block_;
  const sql::Schema& schema_;
  SelfWindows windows_;
  bool ordered_;
};

class SelfAggregateToWindow final : public WordedRule {
 public:
  explicit SelfAggregateToWindow(bool ordered)
      : WordedRule(ordered ? kRunningWords : kGroupWords), ordered_(ordered) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || !WindowValues(block, *subject.schema, ordered_).run())
        return std::nullopt;
      return ordered_ ? "The sub-query that looked at the rows before each row became a window "
                        "over the same table: ties count as they did, and a NULL key or order has "
                        "no rows, as before."
                      : "The aggregate over the rows with the same key became a window of the "
                        "table itself, computed in one pass before any row is dropped; a NULL key "
                        "has no rows, as before.";
    });
  }

 private:
  bool ordered_;
};

} // namespace

RulePtr scalar_aggregate_to_window() {
  return std::make_unique<SelfAggregateToWindow>(false);
}

RulePtr running_aggregate_to_window() {
  return std::make_unique<SelfAggregateToWindow>(true);
}

} // namespace quill::rewrite
