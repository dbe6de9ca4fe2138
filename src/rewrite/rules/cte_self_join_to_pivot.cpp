// WITH t AS (SELECT cid, year, sum(x) AS s FROM f GROUP BY cid, year)
// SELECT a.cid, a.s, b.s FROM t a JOIN t b ON b.cid = a.cid WHERE a.year = 2023 AND b.year = 2024
//   →  SELECT p.cid, p.s, p.s_2 FROM (SELECT t.cid, max(t.s) FILTER (WHERE t.year = 2023) AS s,
//      max(t.s) FILTER (WHERE t.year = 2024) AS s_2 FROM t WHERE t.year IN (2023, 2024)
//      GROUP BY t.cid HAVING count(*) = 2) p
//
// Matches: a grouped CTE joined to itself on all of its group keys but one, which is a different
// literal on each side.
// Must hold: the keys are plain base columns of BINARY collation and no BLOBs, the literals compare
// plainly (so that each side meets at most one row a key); what else is read of the two are
// aggregates of the CTE (they have no affinity that max() would take away); inner join, no third
// table.
// Why the rows are the same: a key has both rows iff two of them pass the filter, and the greatest
// of one value is that value. NULL keys met nobody and are left out.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "cte-self-join-to-pivot", "join",
    "a WITH table joined to itself by two values of a key is read once and turned",
    "2x measured, 3x with an index: one pass, no join of materialised rows",
    "few keys of many have both values"};

class Pivot {
 public:
  Pivot(Block& block, const sql::Schema& schema)
      : block_(block), schema_(schema), names_(block.query) {}

  bool run() {
    const auto& sources = block_.scope.sources();
    joins_ = take_apart(block_.select);
    if (!joins_ || sources.size() != 2 || sources[0].query == nullptr ||
        sources[0].query != sources[1].query || is_grouped(block_.query) ||
        !block_.query.windows.empty() ||
        !std::holds_alternative<sql::TableName>(joins_->leaves[0]->node))
      return false;
    sides_[0].source = sources.data();
    sides_[1].source = &sources[1];
    if (!reads_grouped_table() || !sort_conditions() || !reads_fit())
      return false;
    build();
    return true;
  }

 private:
  struct Side {
    const sql::Source* source = nullptr;
    const sql::Expr* literal = nullptr;
  };

  /// The CTE's output columns: keys and aggregates, nothing else.
  bool reads_grouped_table() {
    const auto& query = *sides_[0].source->query;
    const auto* select = query.select();
    if (select == nullptr || select->group_by.size() < 2 || query.limit || query.offset ||
        !query.windows.empty() || !query.with.empty())
      return false;
    const sql::Scope scope(query, schema_, &block_.scope);
    for (const auto& item : select->items) {
      const auto* column = item.expr->as<sql::Column>();
      const auto name = item.alias.empty() && column ? column->name : item.alias;
      const auto* info = column == nullptr ? nullptr : scope.info(*column);
      const bool grouped =
          std::any_of(select->group_by.begin(), select->group_by.end(),
                      [&](const auto& key) { return sql::equal(*key, *item.expr); });
      if (grouped && info != nullptr && is_binary(*info) && domain(*info) != Domain::blob)
        keys_.emplace_back(name, info);
      else if (!name.empty() && is_aggregate_expression(*item.expr))
        values_.emplace_back(name);
      else
        return false;
    }
    return keys_.size() == select->group_by.size();
  }

  const sql::ColumnInfo* key(const sql::Expr& expr) const {
    const auto* column = expr.as<sql::Column>();
    if (column == nullptr || block_.scope.find(*column) == nullptr)
      return nullptr;
    for (const auto& [name, info] : keys_)
      if (same_name(name, column->name))
        return info;
    return nullptr;
  }

  /// Equal keys, one key with a literal on each side, and conditions to keep.
  bool sort_conditions() {
    for (auto& condition : joins_->conditions) {
      const auto tie = join_tie(*condition, block_.scope);
      const auto literal = comparison_with_literal(*condition);
      if (tie && same_name(tie->a.name, tie->b.name) && key(sql::Expr{tie->a}) != nullptr) {
        tied_.push_back(tie->a.name);
      } else if (literal && literal->op == "=" && key(*literal->left) != nullptr) {
        if (!set_literal(*literal))
          return false;
      } else {
        kept_.push_back(sql::clone(condition));
      }
    }
    return sides_[0].literal != nullptr && sides_[1].literal != nullptr &&
           !sql::equal(*sides_[0].literal, *sides_[1].literal) &&
           tied_.size() + 1 == keys_.size() &&
           std::none_of(tied_.begin(), tied_.end(),
                        [&](const auto& name) { return same_name(name, turned_); });
  }

  bool set_literal(const Comparison& found) {
    const auto& column = *found.left->as<sql::Column>();
    auto& side = sides_[block_.scope.find(column) == sides_[0].source ? 0 : 1];
    const bool text_or_integer = text_value(*found.right) != nullptr || integer_value(*found.right);
    if (side.literal != nullptr || !text_or_integer ||
        !compares_plainly(*key(*found.left), *found.right) ||
        (!turned_.empty() && !same_name(turned_, column.name)))
      return false;
    turned_ = column.name;
    side.literal = found.right;
    return true;
  }

  /// Everything else reads tied keys and aggregates only.
  bool reads_fit() const {
    bool fits = true;
    const auto look = [&](const sql::Expr& expr) {
      fits &= !sql::has_subquery(expr) && !sql::has_window(expr);
      each_expr(expr, [&](const sql::Expr& part) {
        const auto* column = part.as<sql::Column>();
        fits &= part.as<sql::Star>() == nullptr;
        if (column != nullptr && !column->table.empty())
          fits &= holds(tied_, column->name) || holds(values_, column->name);
        else if (column != nullptr)
          fits &= block_.scope.find(*column) == nullptr; // an alias of ORDER BY
      });
    };
    for (const auto& condition : kept_)
      look(*condition);
    each_clause(std::as_const(block_.query), [&](Clause clause, const sql::Expr& expr) {
      if (clause == Clause::item || clause == Clause::order)
        look(expr);
    });
    return fits;
  }

  static bool holds(const std::vector<std::string>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const auto& known) { return same_name(known, name); });
  }

  void build() {
    const auto table = std::get<sql::TableName>(joins_->leaves[0]->node).name;
    const auto alias = names_.fresh("turned");
    auto rows = std::make_unique<sql::Query>();
    sql::Select turned;
    turned.from = sql::from(sql::TableName{"", table, ""});
    std::vector<sql::ExprPtr> literals;
    for (const auto& side : sides_)
      literals.push_back(sql::clone(*side.literal));
    turned.where = sql::expr(sql::InList{sql::column(table, turned_), std::move(literals), false});
    for (const auto& name : tied_) {
      turned.items.push_back({sql::column(table, name), ""});
      turned.group_by.push_back(sql::column(table, name));
      turned.where = sql::both(std::move(turned.where),
                               sql::expr(sql::IsNull{sql::column(table, name), true}));
    }
    sql::Call count;
    count.name = "count";
    count.star = true;
    turned.having = sql::binary("=", sql::expr(std::move(count)), sql::integer(2));
    const auto replace = [&](sql::ExprPtr& slot) {
      each_slot(slot, [&](sql::ExprPtr& part) {
        if (auto* column = part->as<sql::Column>(); column != nullptr && !column->table.empty())
          part = sql::column(alias, holds(tied_, column->name) ? column->name
                                                               : value(turned, table, *column));
      });
    };
    for (auto& condition : kept_)
      replace(condition);
    each_clause(block_.query, [&](Clause clause, sql::ExprPtr& slot) {
      if (clause == Clause::item || clause == Clause::order)
        replace(slot);
    });
    rows->body.node = std::move(turned);
    block_.select.from = sql::from(sql::Derived{std::move(rows), alias});
    block_.select.where = sql::join_conjuncts(std::move(kept_));
  }

  /// The column of the turned table that holds one side's value.
  std::string value(sql::Select& turned, const std::string& table, const sql::Column& column) {
    const auto& side = sides_[same_name(column.table, sides_[0].source->name) ? 0 : 1];
    sql::Call call;
    call.name = "max";
    call.args.push_back(sql::column(table, column.name));
    call.filter = sql::binary("=", sql::column(table, turned_), sql::clone(*side.literal));
    auto expr = sql::expr(std::move(call));
    for (const auto& item : turned.items)
      if (sql::equal(*item.expr, *expr))
        return item.alias;
    turned.items.push_back({std::move(expr), names_.fresh(lower(column.name) + "_of_one")});
    return turned.items.back().alias;
  }

  Block& block_;
  const sql::Schema& schema_;
  Names names_;
  std::optional<InnerJoins> joins_;
  Side sides_[2];
  std::vector<std::pair<std::string, const sql::ColumnInfo*>> keys_;
  std::vector<std::string> values_, tied_;
  std::string turned_; ///< the key that is a literal on each side
  std::vector<sql::ExprPtr> kept_;
};

class CteSelfJoinToPivot final : public WordedRule {
 public:
  CteSelfJoinToPivot() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || !Pivot(block, *subject.schema).run())
        return std::nullopt;
      return "The WITH table was joined to itself to put two of its rows side by side; now it is "
             "read once, and a key stays when both of its rows are there.";
    });
  }
};

} // namespace

RulePtr cte_self_join_to_pivot() {
  return std::make_unique<CteSelfJoinToPivot>();
}

} // namespace quill::rewrite
