// SELECT g.name, sum(l.price * l.quantity), count(*) FROM lines l JOIN track t ON t.id = l.track_id
//   JOIN genre g ON g.id = t.genre_id GROUP BY g.name
//   →  … sum(l.sum_value), sum(l.row_count) FROM (SELECT track_id, sum(price * quantity) AS
//      sum_value, count(*) AS row_count FROM lines GROUP BY track_id) l JOIN …
//
// Matches: aggregates over one base table of an inner join of several, with GROUP BY or without.
// Must hold: the aggregates are count, sum, total, avg, min, max without DISTINCT, of that table's
// columns; the columns of it that joins, GROUP BY and the SELECT list read are BINARY and no BLOBs
// (else equal values could be spelt differently) and do not hold a key of it (nothing would be put
// together); outside of aggregates only group keys are read, or columns that a whole key among them
// decides (a bare column beside max() is another matter); no window, no sub-query.
// Sums and averages that decide over rows (HAVING, ORDER BY, an inner block) must be of integers
// (looked up) or of an exact type: reals are added up in another order, and the last digits may
// move. On DuckDB and PostgreSQL what is summed must be of a known type, and not of real4, whose
// sums are rounded to seven digits on the way.
// Why the rows are the same: rows that agree in those columns meet the same partners, as often as
// each of them does; a sum of sums is the sum, counts add up, avg is the sum over the count. Of
// one type, too: PostgreSQL's sum of 64-bit integers is a numeric, whose quotients have places, so
// counts and sums that had 64 bits are cast to that. A quotient of a sum and a count is what avg
// itself gives there; SQLite's integers must become reals first.
// Aggregates of other tables that do not mind doubles stay as they are.
#include <algorithm>
#include <map>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/facts.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/number_kind.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "partial-aggregates-first", "join",
    "the many side is put together by its join columns before it is joined and aggregated",
    "many rows a join key: 2x measured, for fewer rows are joined",
    "few rows a join key, or a filter on the other tables that drops most of them"};

class PartialAggregation {
 public:
  PartialAggregation(Block& block, const Subject& subject)
      : block_(block), schema_(*subject.schema), facts_(subject.facts), dialect_(subject.dialect),
        names_(block.query) {}

  bool run() {
    joins_ = take_apart(block_.select);
    if (!joins_ || block_.scope.sources().size() < 2 || !is_grouped(block_.query) ||
        !block_.query.windows.empty() || !block_.query.with.empty())
      return false;
    for (const auto& source : block_.scope.sources())
      if (source.table != nullptr && fits(source)) {
        build(source);
        return true;
      }
    return false;
  }

 private:
  bool fits(const sql::Source& many) {
    many_ = &many;
    keys_.clear();
    bool good = true;
    bool any = false;
    each_clause(std::as_const(block_.query), [&](Clause clause, const sql::Expr& expr) {
      good &= !sql::has_window(expr) && !sql::has_subquery(expr);
      if (!good || clause == Clause::where || clause == Clause::on || clause == Clause::limit)
        return;
      auto rest = sql::clone(expr);
      if (clause != Clause::group)
        replace_aggregates(rest, [&](const sql::Expr& one) {
          good &= is_untouched(one) ||
                  (is_good(*aggregate_call(one), one) &&
                   may_add_up(*aggregate_call(one), clause == Clause::item && !is_ordered(expr)));
          any |= !is_untouched(one);
          return sql::null();
        });
      good &= is_decided(*rest, clause);
      read(*rest);
    });
    for (const auto& condition : joins_->conditions)
      if (!reads(*condition, block_.scope, schema_).only(many_))
        read(*condition);
    return good && any && keys_fit();
  }

  bool is_good(const sql::Call& call, const sql::Expr& expr) const {
    if (call.distinct || !is_summable(call))
      return false;
    const auto read = reads(expr, block_.scope, schema_);
    return (call.star || call.args.empty()) && !call.filter ? true : read.only(many_);
  }

  static bool is_sum(const sql::Call& call) { return call.name == "sum" || call.name == "avg"; }

  NumberKind kind_of(const sql::Call& call) const {
    return number_kind(*call.args[0], block_.scope);
  }

  /// Is the type of its sums known, where that matters?
  bool is_summable(const sql::Call& call) const {
    return dialect_ == sql::Dialect::sqlite || !is_sum(call) ||
           kind_of(call) != NumberKind::unknown;
  }

  /// Of other tables, and the same however often a row comes: it stays as it is.
  bool is_untouched(const sql::Expr& expr) const {
    const auto& call = *aggregate_call(expr);
    const auto read = reads(expr, block_.scope, schema_);
    return (call.distinct || call.name == "min" || call.name == "max") && !call.args.empty() &&
           read.local() && !read.sources.empty() && !read.sources.contains(many_);
  }

  /// Is the item named, by alias or position, in ORDER BY?
  bool is_ordered(const sql::Expr& expr) const {
    const auto& items = block_.select.items;
    for (std::size_t i = 0; i < items.size(); ++i)
      for (const auto& term : block_.query.order_by) {
        const auto* column = term.expr->as<sql::Column>();
        const bool by_name = column != nullptr && same_name(column->name, items[i].alias);
        const bool by_position = integer_value(*term.expr) == static_cast<std::int64_t>(i) + 1;
        if (items[i].expr.get() == &expr && (by_name || by_position))
          return true;
      }
    return false;
  }

  /// A sum of reals may end in another digit when it is added up in another order: that must not
  /// decide over rows. Sums of integers are exact.
  bool may_add_up(const sql::Call& call, bool only_shown) const {
    if (call.name == "count" || call.name == "min" || call.name == "max")
      return true;
    if (block_.place == Place::outermost && only_shown)
      return true;
    if (call.name == "avg")
      return dialect_ == sql::Dialect::postgres && adds_up_exactly(kind_of(call));
    const bool typed = dialect_ != sql::Dialect::sqlite && adds_up_exactly(kind_of(call));
    bool exact = true;
    each_expr(*call.args[0], [&](const sql::Expr& part) {
      exact &= part.as<sql::Binary>() == nullptr || part.as<sql::Binary>()->op != "/";
      exact &= typed || is_whole(part);
    });
    return exact;
  }

  /// Does this part of a sum leave integers integers?
  bool is_whole(const sql::Expr& part) const {
    const auto* column = part.as<sql::Column>();
    const auto* literal = part.as<sql::Literal>();
    return (column == nullptr || is_fact(facts_.integers, block_.scope, *column)) &&
           (literal == nullptr || literal->kind == sql::Literal::Kind::integer) &&
           part.as<sql::Call>() == nullptr && part.as<sql::Cast>() == nullptr;
  }

  /// Are all columns of the expression given by the group?
  bool is_decided(const sql::Expr& expr, Clause clause) const {
    if (clause == Clause::group || is_group_key(expr))
      return true;
    if (const auto* column = expr.as<sql::Column>())
      return (column->table.empty() && clause == Clause::order) || is_of_grouped_row(*column);
    const auto* call = expr.as<sql::Call>();
    if (expr.as<sql::Star>() ||
        (call != nullptr && sql::is_aggregate_name(call->name, call->args.size())))
      return false;
    bool decided = true;
    auto copy = sql::clone(expr);
    each_child(*copy, [&](sql::ExprPtr& child) { decided &= is_decided(*child, clause); });
    return decided;
  }

  bool is_group_key(const sql::Expr& expr) const {
    const auto& keys = block_.select.group_by;
    return std::any_of(keys.begin(), keys.end(),
                       [&](const auto& key) { return sql::equal(*key, expr); });
  }

  bool is_of_grouped_row(const sql::Column& column) const {
    const auto* source = block_.scope.find(column);
    std::vector<std::string> keys;
    for (const auto& key : block_.select.group_by)
      if (const auto* one = key->as<sql::Column>(); one && block_.scope.find(*one) == source)
        keys.push_back(one->name);
    return source != nullptr && is_key(*source, keys);
  }

  void read(const sql::Expr& expr) {
    each_expr(expr, [&](const sql::Expr& part) {
      const auto* column = part.as<sql::Column>();
      if (column != nullptr && !column->table.empty() && block_.scope.find(*column) == many_ &&
          std::none_of(keys_.begin(), keys_.end(),
                       [&](const auto& known) { return same_name(known, column->name); }))
        keys_.push_back(column->name);
    });
  }

  bool keys_fit() const {
    return !keys_.empty() && !is_key(*many_, keys_) &&
           std::all_of(keys_.begin(), keys_.end(), [&](const std::string& name) {
             const auto* info = many_->table->column(name);
             return info != nullptr && is_binary(*info) && domain(*info) != Domain::blob;
           });
  }

  void build(const sql::Source& many) {
    auto partial = std::make_unique<sql::Query>();
    sql::Select rows;
    for (const auto& key : keys_) {
      rows.items.push_back({sql::column(many.name, key), ""});
      rows.group_by.push_back(sql::column(many.name, key));
    }
    take_filters(rows);
    partial->body.node = std::move(rows);
    select_ = partial->select();
    each_clause(block_.query, [&](Clause clause, sql::ExprPtr& slot) {
      if (clause == Clause::item || clause == Clause::having || clause == Clause::order)
        replace_aggregates(slot, [&](const sql::Expr& one) {
          return is_untouched(one) ? sql::clone(one) : whole(*aggregate_call(one));
        });
    });
    for (auto& leaf : joins_->leaves)
      if (same_name(leaf_name(*leaf), many.name)) {
        select_->from = std::move(leaf);
        leaf = sql::from(sql::Derived{std::move(partial), many.name});
        break;
      }
    put_together(block_.select, std::move(*joins_), block_.scope, schema_);
  }

  void take_filters(sql::Select& rows) {
    std::vector<sql::ExprPtr> rest;
    for (auto& condition : joins_->conditions)
      if (reads(*condition, block_.scope, schema_).only(many_))
        rows.where = sql::both(std::move(rows.where), std::move(condition));
      else
        rest.push_back(std::move(condition));
    joins_->conditions = std::move(rest);
  }

  /// The aggregate over all rows, made of what the groups hold.
  sql::ExprPtr whole(const sql::Call& call) {
    if (call.name == "count")
      return counted(call);
    if (call.name != "avg") {
      auto all = aggregate(call.name, part(call.name == "total" ? "sum" : call.name, call));
      return call.name == "sum" && kind_of(call) == NumberKind::small ? of_64_bits(std::move(all))
                                                                      : std::move(all);
    }
    auto sum = aggregate("sum", part("sum", call));
    if (dialect_ == sql::Dialect::sqlite)
      sum = sql::expr(sql::Cast{std::move(sum), "REAL"});
    return sql::binary("/", std::move(sum), aggregate("sum", part("count", call)));
  }

  /// A sum of 64-bit integers as one of them, where sums grow wider.
  sql::ExprPtr of_64_bits(sql::ExprPtr sum) const {
    return dialect_ == sql::Dialect::postgres ? sql::expr(sql::Cast{std::move(sum), "BIGINT"})
                                              : std::move(sum);
  }

  sql::ExprPtr counted(const sql::Call& call) {
    auto sum = of_64_bits(aggregate("sum", part("count", call)));
    if (!block_.select.group_by.empty())
      return sum;
    std::vector<sql::ExprPtr> args;
    args.push_back(std::move(sum)); // no rows: 0, not NULL
    args.push_back(sql::integer(0));
    return sql::call("coalesce", std::move(args));
  }

  static sql::ExprPtr aggregate(const std::string& name, sql::ExprPtr arg) {
    std::vector<sql::ExprPtr> args;
    args.push_back(std::move(arg));
    return sql::call(name, std::move(args));
  }

  /// The column of the derived table with this aggregate of each group.
  sql::ExprPtr part(const std::string& name, const sql::Call& call) {
    sql::Call inner;
    inner.name = name;
    inner.star = call.star || call.args.empty();
    for (const auto& arg : call.args)
      inner.args.push_back(sql::clone(arg));
    inner.filter = sql::clone(call.filter);
    const auto base = column_name(inner);
    auto expr = sql::expr(std::move(inner));
    const auto text = sql::print_sqlite(*expr);
    auto known = columns_.find(text);
    if (known == columns_.end()) {
      known = columns_.emplace(text, names_.fresh(base)).first;
      select_->items.push_back({std::move(expr), known->second});
    }
    return sql::column(many_->name, known->second);
  }

  Block& block_;
  const sql::Schema& schema_;
  const Facts& facts_;
  sql::Dialect dialect_;
  Names names_;
  std::optional<InnerJoins> joins_;
  const sql::Source* many_ = nullptr;
  sql::Select* select_ = nullptr; ///< of the derived table
  std::vector<std::string> keys_; ///< columns of `many_` that are read outside of aggregates
  std::map<std::string, std::string> columns_;
};

class PartialAggregatesFirst final : public WordedRule {
 public:
  PartialAggregatesFirst() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || !PartialAggregation(block, subject).run())
        return std::nullopt;
      return "Rows of the many side that agree in every column the joins and groups read are put "
             "together first: they meet the same partners, sums and counts add up, and an average "
             "is the sum over the count.";
    });
  }
};

} // namespace

RulePtr partial_aggregates_first() {
  return std::make_unique<PartialAggregatesFirst>();
}

} // namespace quill::rewrite
