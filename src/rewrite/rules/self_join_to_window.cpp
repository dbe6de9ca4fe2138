// SELECT p.id, p.amount, sum(q.amount) FROM orders p JOIN orders q
//   ON q.user_id = p.user_id AND q.id <= p.id GROUP BY p.id
//   →  SELECT p.id, p.amount, p.running_sum_amount FROM (SELECT …, sum(amount) OVER (PARTITION BY
//      user_id ORDER BY id) AS running_sum_amount FROM orders p) p
//
// Matches: a table (or CTE) joined to itself, inner or LEFT, by keys (=) and at most one order (<
// <= > >=) of the same columns; GROUP BY a unique key of the first, aggregates over the second.
// Must hold: GROUP BY reads the first only and holds a unique NOT NULL key of it; outside of
// aggregates only the first is read. Inner: each row meets itself at least (no condition on the
// second alone, no NULL in the tied columns, ties included), so none is lost. LEFT: no count(*),
// which counts the row without a partner. No DISTINCT, window or third table.
// Why the rows are the same: a group is one row of the first with the rows it is tied to, which is
// the window's frame. HAVING then filters single rows, as WHERE.
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/self_window.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"self-join-to-window", "join",
                           "a running or per-group aggregate by self-join becomes a window",
                           "2.7x measured; more the larger the groups, for the join is quadratic",
                           "groups of one or two rows"};

class SelfJoin {
 public:
  SelfJoin(Block& block, const sql::Schema& schema)
      : block_(block), schema_(schema), windows_(block) {}

  bool run() {
    const auto& sources = block_.scope.sources();
    const auto* join = std::get_if<sql::Join>(&block_.select.from->node);
    if (join == nullptr || sources.size() != 2 || block_.select.distinct ||
        !block_.query.windows.empty() || merges_columns(*block_.select.from))
      return false;
    left_ = join->kind == sql::Join::Kind::left;
    if (!left_ && !only_inner_joins(*block_.select.from))
      return false;
    for (std::size_t row = 0; row < (left_ ? 1U : 2U); ++row)
      if (replace(sources[row], sources[1 - row], *join))
        return true;
    return false;
  }

 private:
  bool replace(const sql::Source& row, const sql::Source& second, const sql::Join& join) {
    std::vector<const sql::Expr*> ties = sql::conjuncts(join.on.get());
    std::vector<sql::ExprPtr> kept;
    for (const auto* condition : sql::conjuncts(block_.select.where.get()))
      if (reads(*condition, block_.scope, schema_).only(&row))
        kept.push_back(sql::clone(*condition));
      else if (left_)
        return false;
      else
        ties.push_back(condition);
    auto look = self_reference(ties, second, block_.scope, block_.scope, schema_);
    if (!look || look->row != &row || !windows_.can_hold(row) || !keeps_rows(*look) ||
        !groups_by_key(row) || !reads_fit(row, second))
      return false;
    return build(*look, second, std::move(kept));
  }

  bool keeps_rows(const SelfReference& look) const {
    if (left_)
      return true;
    const auto known = [&](const std::string& name) {
      return !block_.scope.may_be_null(*sql::column(look.row->name, name));
    };
    bool keeps = !look.filter && (look.order.empty() || look.inclusive);
    for (const auto& key : look.keys)
      keeps &= known(key);
    for (const auto& order : look.order)
      keeps &= known(order.column);
    return keeps;
  }

  bool groups_by_key(const sql::Source& row) const {
    std::vector<std::string> keys;
    for (const auto& term : block_.select.group_by) {
      const auto* column = term->as<sql::Column>();
      if (column == nullptr || block_.scope.find(*column) != &row)
        return false;
      keys.push_back(column->name);
    }
    return is_key(row, keys);
  }

  /// Outside of aggregates only the row is read, inside only the second look.
  bool reads_fit(const sql::Source& row, const sql::Source& second) const {
    bool fits = true;
    bool any = false;
    each_clause(std::as_const(block_.query), [&](Clause clause, const sql::Expr& expr) {
      if (clause != Clause::item && clause != Clause::having && clause != Clause::order)
        return;
      fits &= !sql::has_window(expr) && !sql::has_subquery(expr);
      auto rest = sql::clone(expr);
      replace_aggregates(rest, [&](const sql::Expr& aggregate) {
        any = true;
        const auto& call = *aggregate_call(aggregate);
        const bool counts_rows = call.star || call.args.empty();
        fits &= !call.distinct &&
                (counts_rows ? !left_ : reads(aggregate, block_.scope, schema_).only(&second));
        return sql::null();
      });
      each_expr(*rest, [&](const sql::Expr& part) {
        const auto* column = part.as<sql::Column>();
        const auto* call = part.as<sql::Call>();
        fits &= part.as<sql::Star>() == nullptr;
        fits &= call == nullptr || !sql::is_aggregate_name(call->name, call->args.size());
        fits &= column == nullptr || block_.scope.find(*column) == &row ||
                (column->table.empty() && clause == Clause::order);
      });
    });
    return fits && any;
  }

  bool build(const SelfReference& look, const sql::Source& second, std::vector<sql::ExprPtr> kept) {
    each_clause(block_.query, [&](Clause clause, sql::ExprPtr& slot) {
      if (clause == Clause::item || clause == Clause::having || clause == Clause::order)
        replace_aggregates(slot, [&](const sql::Expr& one) {
          const auto moved = of_row(one, second, block_.scope, *look.row);
          return windows_.value(look, *aggregate_call(*moved));
        });
    });
    auto& select = block_.select;
    if (select.having)
      kept.push_back(std::move(select.having));
    select.where = sql::join_conjuncts(std::move(kept));
    select.having = nullptr;
    select.group_by.clear();
    const auto name = look.row->name;
    sql::FromPtr leaf;
    sql::walk_from(*select.from, [&](sql::From& one) {
      if (same_name(leaf_name(one), name))
        leaf = sql::clone(one);
    });
    select.from = std::move(leaf);
    windows_.install();
    return true;
  }

  Block& block_;
  const sql::Schema& schema_;
  SelfWindows windows_;
  bool left_ = false;
};

class SelfJoinToWindow final : public WordedRule {
 public:
  SelfJoinToWindow() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || !SelfJoin(block, *subject.schema).run())
        return std::nullopt;
      return "The table was joined to itself to aggregate over each row's group or the rows before "
             "it; a window over one pass gives the same, for a group was one row with its "
             "partners.";
    });
  }
};

} // namespace

RulePtr self_join_to_window() {
  return std::make_unique<SelfJoinToWindow>();
}

} // namespace quill::rewrite
