// users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id, with aggregates over o
//   →  users u LEFT JOIN (SELECT user_id, sum(…) FROM orders GROUP BY user_id) t, no GROUP BY left
//
// Matches: two base tables joined (inner or LEFT) by one plain equality on a unique NOT NULL key of
// the first; GROUP BY holds that key and reads the first table only; aggregates read the second.
// Must hold: every other column stands for the first table (one value a group); conditions read one
// table each; under LEFT JOIN none of WHERE reads the second table, and count(*) (which counts the
// row without a partner) is refused; no group_concat, window or DISTINCT items.
// Why the rows are the same: a group of the join is one row of the first table with all its
// partners, which is one group of the second table by the joined column. Without a partner count is
// 0 (coalesced) and the others NULL; an inner join drops the row in both forms. HAVING then filters
// single rows, as WHERE.
#include <map>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"aggregate-before-join", "join",
                           "the many side is grouped before it is joined to the one side",
                           "2x measured: fewer rows are joined and carried through the sort",
                           "a selective filter on the one side with an index on the foreign key"};

class EarlyAggregation {
 public:
  EarlyAggregation(Block& block, const sql::Schema& schema)
      : block_(block), schema_(schema), names_(block.query) {}

  bool run() {
    if (!finds_tables() || !finds_tie() || !groups_by_key() || !reads_fit())
      return false;
    build();
    return true;
  }

 private:
  /// FROM is `one [LEFT] JOIN many`; for an inner join either order is tried by finds_tie.
  bool finds_tables() {
    const auto& sources = block_.scope.sources();
    const auto& select = block_.select;
    const auto* join = select.from ? std::get_if<sql::Join>(&select.from->node) : nullptr;
    if (join == nullptr || sources.size() != 2 || sources[0].table == nullptr ||
        sources[1].table == nullptr || merges_columns(*select.from) || select.distinct ||
        !block_.query.windows.empty() || !block_.query.with.empty())
      return false;
    left_ = join->kind == sql::Join::Kind::left;
    if (!left_ && !only_inner_joins(*select.from))
      return false;
    for (const auto* part : sql::conjuncts(join->on.get()))
      on_.push_back(part);
    for (const auto* part : sql::conjuncts(select.where.get()))
      where_.push_back(part);
    return true;
  }

  bool finds_tie() {
    const auto& sources = block_.scope.sources();
    for (std::size_t one = 0; one < (left_ ? 1U : 2U); ++one) {
      one_ = &sources[one];
      many_ = &sources[1 - one];
      if (sort_conditions())
        return true;
    }
    return false;
  }

  bool sort_conditions() {
    tie_.reset();
    many_filters_.clear();
    one_filters_.clear();
    return sort_conditions(on_, left_) && sort_conditions(where_, false) && tie_.has_value() &&
           is_key(*one_, {tie_->b.name});
  }

  bool sort_conditions(const std::vector<const sql::Expr*>& conditions, bool of_left_join) {
    for (const auto* condition : conditions) {
      const auto read = reads(*condition, block_.scope, schema_);
      auto tie = join_tie(*condition, block_.scope, many_);
      if (tie && !tie_ && is_plain(*tie) && (of_left_join || !left_))
        tie_ = std::move(tie);
      else if (read.only(many_) && (of_left_join || !left_))
        many_filters_.push_back(condition);
      else if (read.only(one_) && !of_left_join)
        one_filters_.push_back(condition);
      else
        return false;
    }
    return true;
  }

  bool is_plain(const JoinTie& tie) const {
    const auto* a = block_.scope.info(tie.a);
    const auto* b = block_.scope.info(tie.b);
    return a != nullptr && b != nullptr && compares_plainly(*a, *b);
  }

  /// GROUP BY names the key, and nothing but columns of the one side.
  bool groups_by_key() const {
    bool key = false;
    for (const auto& term : block_.select.group_by) {
      const auto* column = term->as<sql::Column>();
      if (column == nullptr || block_.scope.find(*column) != one_)
        return false;
      key |= same_name(column->name, tie_->b.name);
    }
    return key;
  }

  /// Outside of aggregates only the one side is read, inside only the many side.
  bool reads_fit() const {
    bool fits = true;
    bool any = false;
    each_clause(std::as_const(block_.query), [&](Clause clause, const sql::Expr& expr) {
      if (clause != Clause::item && clause != Clause::having && clause != Clause::order)
        return;
      if (sql::has_window(expr) || sql::has_subquery(expr))
        fits = false;
      auto rest = sql::clone(expr);
      replace_aggregates(rest, [&](const sql::Expr& aggregate) {
        any = true;
        fits &= is_good_aggregate(*aggregate_call(aggregate));
        return sql::null();
      });
      each_expr(*rest, [&](const sql::Expr& part) {
        const auto* column = part.as<sql::Column>();
        const auto* call = part.as<sql::Call>();
        fits &= part.as<sql::Star>() == nullptr;
        fits &= call == nullptr || !sql::is_aggregate_name(call->name, call->args.size());
        fits &= column == nullptr || block_.scope.find(*column) != many_;
      });
    });
    return fits && any;
  }

  bool is_good_aggregate(const sql::Call& call) const {
    if (call.star || call.args.empty())
      return !left_;
    for (const auto& arg : call.args)
      if (!reads(*arg, block_.scope, schema_).only(many_))
        return false;
    return !call.filter || reads(*call.filter, block_.scope, schema_).only(many_);
  }

  void build() {
    alias_ = names_.fresh("per_" + lower(tie_->a.name));
    groups_ = std::make_unique<sql::Query>();
    sql::Select many;
    many.items.push_back({sql::expr(sql::Column(tie_->a)), ""});
    many.group_by.push_back(sql::expr(sql::Column(tie_->a)));
    many.from = leaf(*many_);
    std::vector<sql::ExprPtr> filters;
    for (const auto* filter : many_filters_)
      filters.push_back(sql::clone(*filter));
    many.where = sql::join_conjuncts(std::move(filters));
    groups_->body.node = std::move(many);

    std::vector<sql::ExprPtr> kept;
    for (const auto* filter : one_filters_)
      kept.push_back(sql::clone(*filter));
    auto on = sql::binary("=", sql::column(alias_, tie_->a.name), sql::expr(sql::Column(tie_->b)));
    each_clause(block_.query, [&](Clause clause, sql::ExprPtr& slot) {
      if (clause == Clause::item || clause == Clause::having || clause == Clause::order)
        replace_aggregates(slot, [&](const sql::Expr& one) { return column_of(one); });
    });
    auto& select = block_.select;
    kept.push_back(std::move(select.having));
    std::erase_if(kept, [](const sql::ExprPtr& one) { return one == nullptr; });
    const auto kind = left_ ? sql::Join::Kind::left : sql::Join::Kind::inner;
    auto one = leaf(*one_);
    select.from = joined(std::move(one), kind, sql::from(sql::Derived{std::move(groups_), alias_}),
                         std::move(on));
    select.where = sql::join_conjuncts(std::move(kept));
    select.having = nullptr;
    select.group_by.clear();
  }

  static sql::FromPtr leaf(const sql::Source& source) {
    const auto& name = source.table->name;
    return sql::from(sql::TableName{"", name, same_name(name, source.name) ? "" : source.name});
  }

  sql::ExprPtr column_of(const sql::Expr& aggregate) {
    const auto& call = *aggregate_call(aggregate);
    const auto text = sql::print_sqlite(aggregate);
    auto known = columns_.find(text);
    if (known == columns_.end()) {
      known = columns_.emplace(text, names_.fresh(column_name(call))).first;
      groups_->select()->items.push_back({sql::clone(aggregate), known->second});
    }
    auto column = sql::column(alias_, known->second);
    auto otherwise = left_ ? value_without_rows(call) : nullptr;
    if (!otherwise)
      return column;
    std::vector<sql::ExprPtr> args;
    args.push_back(std::move(column));
    args.push_back(std::move(otherwise));
    return sql::call("coalesce", std::move(args));
  }

  Block& block_;
  const sql::Schema& schema_;
  Names names_;
  bool left_ = false;
  std::vector<const sql::Expr*> on_, where_, many_filters_, one_filters_;
  const sql::Source* one_ = nullptr;
  const sql::Source* many_ = nullptr;
  std::optional<JoinTie> tie_; ///< a: of the many side, b: key of the one side
  std::string alias_;
  sql::QueryPtr groups_;
  std::map<std::string, std::string> columns_; ///< aggregate as text → its column
};

class AggregateBeforeJoin final : public WordedRule {
 public:
  AggregateBeforeJoin() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!EarlyAggregation(block, *subject.schema).run())
        return std::nullopt;
      return "The rows are grouped by the joined column before the join: a group of the join was "
             "one row with all its partners; without a partner count is 0 and the others NULL.";
    });
  }
};

} // namespace

RulePtr aggregate_before_join() {
  return std::make_unique<AggregateBeforeJoin>();
}

} // namespace quill::rewrite
