// SELECT DISTINCT c.email FROM customer c JOIN rental r ON … JOIN inventory i ON … WHERE i.film_id
// = 8
//   →  SELECT DISTINCT c.email FROM customer c WHERE EXISTS (SELECT 1 FROM rental r JOIN inventory
//   i
//      ON … WHERE r.customer_id = c.customer_id AND i.film_id = 8)
//
// Matches: inner joins under DISTINCT, or under aggregates that do not mind doubles, where two or
// more tables only filter: nothing outside of the joins' conditions reads them.
// Must hold: nothing but that; conditions move as they stand, so no type, key or NULL matters.
// Why the rows are the same: a row of the tables that stay was there once for each way to join it
// with the others, which DISTINCT (or the aggregate) cannot tell from once.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "distinct-joins-to-exists", "join",
    "joined tables that only filter, under DISTINCT, become one EXISTS",
    "many ways to join a row and indexes along the joins: the search stops at the first",
    "few rows pass the filters: a scan from the other side was short"};

class FilteringJoins {
 public:
  FilteringJoins(Block& block, const sql::Schema& schema) : block_(block), schema_(schema) {}

  bool run() {
    joins_ = take_apart(block_.select);
    if (!joins_ || !is_blind_to_duplicates(block_.query))
      return false;
    find_read();
    if (read_.empty() || joins_->leaves.size() < read_.size() + 2)
      return false;
    move();
    return true;
  }

 private:
  /// The sources that something besides the joins reads.
  void find_read() {
    sql::Query rest;
    sql::Select select = sql::clone(block_.select);
    select.where = nullptr;
    select.from = nullptr;
    rest.body.node = std::move(select);
    for (const auto& term : block_.query.order_by)
      rest.order_by.push_back(sql::clone(term));
    for (const auto& source : block_.scope.sources())
      if (mentions(rest, source))
        read_.insert(lower(source.name));
  }

  bool is_read(const sql::Expr& condition) const {
    const auto found = reads(condition, block_.scope, schema_);
    return !found.unknown &&
           std::all_of(found.sources.begin(), found.sources.end(),
                       [&](const auto* source) { return read_.contains(lower(source->name)); });
  }

  void move() {
    InnerJoins kept;
    InnerJoins moved;
    for (auto& leaf : joins_->leaves)
      (read_.contains(lower(leaf_name(*leaf))) ? kept : moved).leaves.push_back(std::move(leaf));
    sql::ExprPtr ties;
    for (auto& condition : joins_->conditions)
      if (is_read(*condition))
        kept.conditions.push_back(std::move(condition));
      else if (touches_kept(*condition))
        ties = sql::both(std::move(ties), std::move(condition));
      else
        moved.conditions.push_back(std::move(condition));
    auto query = std::make_unique<sql::Query>();
    sql::Select rows;
    rows.items.push_back({sql::integer(1), ""});
    put_together(rows, std::move(moved), block_.scope, schema_);
    rows.where = sql::both(std::move(ties), std::move(rows.where));
    query->body.node = std::move(rows);
    put_together(block_.select, std::move(kept), block_.scope, schema_);
    block_.select.where =
        sql::both(std::move(block_.select.where), sql::expr(sql::Exists{std::move(query), false}));
  }

  bool touches_kept(const sql::Expr& condition) const {
    const auto found = reads(condition, block_.scope, schema_);
    return found.unknown ||
           std::any_of(found.sources.begin(), found.sources.end(),
                       [&](const auto* source) { return read_.contains(lower(source->name)); });
  }

  Block& block_;
  const sql::Schema& schema_;
  std::optional<InnerJoins> joins_;
  std::set<std::string> read_;
};

class DistinctJoinsToExists final : public WordedRule {
 public:
  DistinctJoinsToExists() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || !FilteringJoins(block, *subject.schema).run())
        return std::nullopt;
      return "Joined tables that only filtered became one EXISTS: the joins repeated rows, which "
             "DISTINCT took out again; now the search ends at the first way to join each row.";
    });
  }
};

} // namespace

RulePtr distinct_joins_to_exists() {
  return std::make_unique<DistinctJoinsToExists>();
}

} // namespace quill::rewrite
