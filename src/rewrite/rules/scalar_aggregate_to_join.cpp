// (SELECT avg(p.amount) FROM orders p WHERE p.user_id = o.user_id)  →  a join with
// (SELECT p.user_id, avg(p.amount) FROM orders p GROUP BY p.user_id), computed once
//
// Matches: a scalar sub-query of aggregates in WHERE, in the SELECT list or in ORDER BY, that reads
// the outer block in equalities `inner column = outer column` only. Several over the same rows
// share one derived table.
// Must hold: the equalities compare base columns of one domain under BINARY (then GROUP BY groups
// as = compares); every column in the value stands inside an aggregate; no group_concat (its order
// is not fixed); in the SELECT list and ORDER BY the outer block is not grouped itself.
// Why the rows are the same: each outer row meets at most one group, so none is doubled. LEFT JOIN
// keeps rows without a group: there count is coalesced to 0 and total to 0.0, while sum, avg, min
// and max stay NULL as they were (coalescing those would be wrong). An inner join is used only
// where the value stands in a comparison of WHERE that is NULL, hence not true, without a group.
#include <map>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "scalar-aggregate-to-join", "join",
    "correlated scalar aggregates become one grouped derived table that is joined",
    "without an index on the inner key: 60x to 280x measured; two of them share one scan",
    "few outer rows and an index on the inner key: it groups rows nobody asks for"};

/// One derived table to join: the groups of one sub-query's rows.
struct Groups {
  std::string alias, rows; ///< rows: the sub-query's FROM, WHERE and keys as text
  sql::QueryPtr query;
  sql::ExprPtr on;
  bool inner = false;
  std::map<std::string, std::string> columns; ///< aggregate as text → its column
};

class Decorrelation {
 public:
  Decorrelation(Block& block, const sql::Schema& schema)
      : block_(block), schema_(schema), names_(block.query) {}

  bool run() {
    if (!block_.select.from || merges_columns(*block_.select.from))
      return false;
    where();
    if (!is_grouped(block_.query))
      each_clause(block_.query, [&](Clause clause, sql::ExprPtr& slot) {
        if (clause == Clause::item || clause == Clause::order)
          replace_in(slot, false);
      });
    if (groups_.empty() || !spell_out_stars(block_.select, block_.scope))
      return false;
    join_groups();
    return true;
  }

 private:
  void where() {
    auto conditions = sql::split_conjuncts(std::move(block_.select.where));
    for (auto& condition : conditions)
      replace_in(condition, rejects_null(*condition));
    block_.select.where = sql::join_conjuncts(std::move(conditions));
  }

  /// Is the condition NULL whenever a bare scalar sub-query in it is?
  static bool rejects_null(const sql::Expr& condition) {
    const auto found = comparison(condition);
    return found && passes_null(*found->left) && passes_null(*found->right);
  }
  static bool passes_null(const sql::Expr& side) {
    if (side.as<sql::Column>() != nullptr || is_literal(side))
      return true;
    if (const auto* scalar = side.as<sql::Scalar>()) {
      const auto* select = scalar->query->select();
      return select != nullptr && select->items.size() == 1 &&
             is_null_without_rows(*select->items[0].expr);
    }
    const auto* binary = side.as<sql::Binary>();
    return binary != nullptr &&
           std::string_view("+-*/").find(binary->op) != std::string_view::npos &&
           passes_null(*binary->left) && passes_null(*binary->right);
  }

  void replace_in(sql::ExprPtr& slot, bool inner) {
    each_slot(slot, [&](sql::ExprPtr& part) {
      const auto* scalar = part->as<sql::Scalar>();
      auto value = scalar == nullptr ? nullptr : joined_value(*scalar->query, inner);
      if (value)
        part = std::move(value);
    });
  }

  /// The sub-query's value as an expression over a derived table; null when it cannot be.
  sql::ExprPtr joined_value(const sql::Query& query, bool inner) {
    const auto* select = query.select();
    if (!is_plain_block_with_limit(query) || !select->from || select->items.size() != 1 ||
        !is_aggregate_expression(*select->items[0].expr))
      return nullptr;
    auto found = correlation(query, schema_, block_.scope);
    if (!found)
      return nullptr;
    auto& groups = groups_of(query, *found);
    groups.inner |= inner;
    auto value = sql::clone(select->items[0].expr);
    replace_aggregates(value, [&](const sql::Expr& one) { return column_of(groups, one); });
    return value;
  }

  Groups& groups_of(const sql::Query& query, Correlation& found) {
    auto rows = sql::clone(query);
    auto& select = *rows->select();
    select.items.clear();
    for (const auto& tie : found.ties)
      select.items.push_back({sql::expr(sql::Column(tie.inner)), ""});
    for (const auto& tie : found.ties)
      select.group_by.push_back(sql::expr(sql::Column(tie.inner)));
    select.where = std::move(found.remainder);
    rows->order_by.clear();
    rows->limit = nullptr;
    auto text = sql::print_sqlite(*rows);
    for (const auto& tie : found.ties)
      text += " " + tie.outer.table + "." + tie.outer.name;
    for (auto& known : groups_)
      if (known.rows == text)
        return known;
    return groups_.emplace_back(new_groups(std::move(text), std::move(rows), found.ties));
  }

  Groups new_groups(std::string text, sql::QueryPtr rows, const std::vector<Tie>& ties) {
    Groups groups;
    groups.alias = names_.fresh("per_" + lower(ties[0].inner.name));
    groups.rows = std::move(text);
    for (std::size_t i = 0; i < ties.size(); ++i) {
      const auto key = "key_" + std::to_string(i + 1);
      const auto name = ties.size() == 1 ? lower(ties[0].inner.name) : key;
      rows->select()->items[i].alias = same_name(name, ties[i].inner.name) ? "" : name;
      groups.on =
          sql::both(std::move(groups.on), sql::binary("=", sql::column(groups.alias, name),
                                                      sql::expr(sql::Column(ties[i].outer))));
    }
    groups.query = std::move(rows);
    return groups;
  }

  sql::ExprPtr column_of(Groups& groups, const sql::Expr& aggregate) {
    const auto& call = *aggregate_call(aggregate);
    const auto text = sql::print_sqlite(aggregate);
    auto known = groups.columns.find(text);
    if (known == groups.columns.end()) {
      const auto name = names_.fresh(column_name(call));
      known = groups.columns.emplace(text, name).first;
      groups.query->select()->items.push_back({sql::clone(aggregate), name});
    }
    auto column = sql::column(groups.alias, known->second);
    auto otherwise = value_without_rows(call);
    if (!otherwise)
      return column;
    std::vector<sql::ExprPtr> args;
    args.push_back(std::move(column));
    args.push_back(std::move(otherwise));
    return sql::call("coalesce", std::move(args));
  }

  void join_groups() {
    for (auto& groups : groups_) {
      const auto kind = groups.inner ? sql::Join::Kind::inner : sql::Join::Kind::left;
      auto table = sql::from(sql::Derived{std::move(groups.query), groups.alias});
      block_.select.from =
          joined(std::move(block_.select.from), kind, std::move(table), std::move(groups.on));
    }
  }

  Block& block_;
  const sql::Schema& schema_;
  Names names_;
  std::vector<Groups> groups_;
};

class ScalarAggregateToJoin final : public WordedRule {
 public:
  ScalarAggregateToJoin() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!Decorrelation(block, *subject.schema).run())
        return std::nullopt;
      return "The correlated aggregate is computed once for all keys in a grouped derived table "
             "and joined: each row meets at most one group; without a group count stays 0 and "
             "the other aggregates stay NULL.";
    });
  }
};

} // namespace

RulePtr scalar_aggregate_to_join() {
  return std::make_unique<ScalarAggregateToJoin>();
}

} // namespace quill::rewrite
