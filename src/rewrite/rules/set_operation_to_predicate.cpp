// SELECT … FROM t WHERE a UNION SELECT … FROM t WHERE b  →  SELECT DISTINCT … FROM t WHERE a OR b
// (INTERSECT: a AND b; EXCEPT: a AND NOT b)
//
// Matches: arms with the same items over the same FROM, that differ in WHERE only.
// Must hold: no aggregate, GROUP BY, window or LIMIT in an arm; no WITH in the statement. For UNION
// nothing more: DISTINCT stays unless rows cannot repeat. UNION ALL: no row may be in two arms
// (it would come twice), shown by contradicting equalities. INTERSECT and EXCEPT: rows cannot
// repeat, so that an equal row is the same row. A condition that is NULL keeps no row: the negated
// one is wrapped in coalesce(…, 0).
// Why the rows are the same: a row of the scan is in an arm iff its WHERE is true.
#include <algorithm>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/disjoint.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/set_arms.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

using Kind = sql::SetOperation::Kind;

constexpr RuleWords kWords{
    "set-operation-to-predicate", "redundancy",
    "UNION, INTERSECT or EXCEPT over the same table becomes one scan with OR, AND, AND NOT",
    "one scan instead of one an arm, and nothing to take doubles out of: 2x and more",
    "arms that each had a selective index of their own"};

std::string items_text(const sql::Select& select) {
  sql::Query query;
  sql::Select only;
  for (const auto& item : select.items)
    only.items.push_back({sql::clone(item.expr), ""});
  query.body.node = std::move(only);
  return sql::print_sqlite(query);
}

bool is_plain_arm(const sql::Query& arm) {
  const auto& select = *arm.select();
  const bool windows =
      std::any_of(select.items.begin(), select.items.end(),
                  [](const sql::SelectItem& item) { return sql::has_window(*item.expr); });
  return select.from && select.group_by.empty() && !is_grouped(arm) && !windows;
}

bool differ_in_where_only(const SetArms& set) {
  const auto& first = *set.arms[0]->select();
  return std::all_of(set.arms.begin(), set.arms.end(), [&](const sql::QueryPtr& arm) {
    const auto& select = *arm->select();
    return is_plain_arm(*arm) && select.distinct == first.distinct &&
           items_text(select) == items_text(first) && from_text(select) == from_text(first);
  });
}

/// The conjuncts all arms share stand alone; the rest of each arm is an alternative.
sql::ExprPtr any_of_conditions(const SetArms& set) {
  std::vector<sql::ExprPtr> shared;
  const auto in_all = [&](const sql::Expr& one) {
    return std::all_of(set.arms.begin(), set.arms.end(), [&](const sql::QueryPtr& arm) {
      const auto parts = sql::conjuncts(arm->select()->where.get());
      return std::any_of(parts.begin(), parts.end(),
                         [&](const sql::Expr* part) { return sql::equal(*part, one); });
    });
  };
  for (const auto* one : sql::conjuncts(set.arms[0]->select()->where.get()))
    if (in_all(*one))
      shared.push_back(sql::clone(*one));
  sql::ExprPtr any;
  for (const auto& arm : set.arms) {
    std::vector<sql::ExprPtr> own;
    for (const auto* one : sql::conjuncts(arm->select()->where.get()))
      if (!in_all(*one))
        own.push_back(sql::clone(*one));
    if (own.empty()) // this arm takes every row that the shared conditions let through
      return sql::join_conjuncts(std::move(shared));
    auto alternative = sql::join_conjuncts(std::move(own));
    any = any ? sql::binary("OR", std::move(any), std::move(alternative)) : std::move(alternative);
  }
  shared.push_back(std::move(any));
  return sql::join_conjuncts(std::move(shared));
}

sql::ExprPtr not_true(sql::ExprPtr condition) {
  std::vector<sql::ExprPtr> args;
  args.push_back(std::move(condition));
  args.push_back(sql::integer(0));
  return sql::expr(sql::Unary{"NOT", sql::call("coalesce", std::move(args))});
}

/// The one WHERE that stands for the operation; nullopt when it cannot be.
std::optional<sql::ExprPtr> condition_of(const SetArms& set, const sql::Scope& scope) {
  const auto& where = [&](std::size_t i) { return sql::clone(set.arms[i]->select()->where); };
  if (set.kind == Kind::union_)
    return !set.all || are_disjoint_filters(set, scope) ? std::optional(any_of_conditions(set))
                                                        : std::nullopt;
  if (set.all || !gives_no_doubles(*set.arms[0], scope) || !where(1))
    return std::nullopt;
  if (set.kind == Kind::intersect)
    return sql::both(where(0), where(1));
  return sql::both(where(0), not_true(where(1)));
}

bool merge(sql::Query& query, const sql::Schema& schema) {
  const auto set = set_arms(query);
  if (!set || !query.windows.empty() || !differ_in_where_only(*set))
    return false;
  auto& first = *set->arms[0];
  const sql::Scope scope(first, schema);
  auto condition = condition_of(*set, scope);
  if (!condition)
    return false;
  auto& select = *first.select();
  select.where = std::move(*condition);
  const bool dedups = set->kind == Kind::union_ && !set->all;
  select.distinct = (select.distinct || dedups) && !gives_no_doubles(first, scope);
  query.body = std::move(first.body);
  return true;
}

class SetOperationToPredicate final : public WordedRule {
 public:
  SetOperationToPredicate() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    if (!is_rewritable(subject) || has_ctes(*subject.tree))
      return {};
    auto tree = sql::clone(*subject.tree);
    bool changed = false;
    sql::walk_queries(*tree, [&](sql::Query& query) { changed |= merge(query, *subject.schema); });
    if (!changed)
      return {};
    return {proposal(*this, subject, *tree,
                     "Arms that read the same table and differ in their condition only became one "
                     "scan with the conditions combined: a row is in an arm when its condition is "
                     "true.")};
  }
};

} // namespace

RulePtr set_operation_to_predicate() {
  return std::make_unique<SetOperationToPredicate>();
}

} // namespace quill::rewrite
