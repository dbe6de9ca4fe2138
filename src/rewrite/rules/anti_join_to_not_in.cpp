// a LEFT JOIN t ON t.k = a.x AND p WHERE t.k IS NULL  →  WHERE a.x NOT IN (SELECT t.k FROM t WHERE
// p)
//
// Matches: a base table that is LEFT JOINed by one plain equality and conditions of its own, and
// whose only other mention is `column IS NULL` in WHERE.
// Must hold: the tested column is NULL only where there is no partner: declared NOT NULL, or the
// joined column itself (an equality that held has no NULL). `k IS NOT NULL` is added when k may be
// NULL, and `x IS NULL OR` when x may be: NOT IN must not turn NULL where the join found nobody.
// Why the rows are the same: both keep exactly the rows of a without a partner, each once.
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"anti-join-to-not-in", "join",
                           "LEFT JOIN … IS NULL becomes NOT IN over a list built once",
                           "many partners a row: the join would pass through all of them",
                           "few outer rows and an index on the joined column"};

/// The ON of the join taken apart: the tie and the table's own conditions.
struct AntiJoin {
  JoinTie tie;
  std::vector<sql::ExprPtr> own;
};

std::optional<AntiJoin> anti_join(const sql::Expr* on, const sql::Source& source,
                                  const sql::Scope& scope, const sql::Schema& schema) {
  std::optional<AntiJoin> found;
  std::vector<sql::ExprPtr> own;
  for (const auto* condition : sql::conjuncts(on)) {
    auto tie = join_tie(*condition, scope, &source);
    if (tie && !found)
      found = AntiJoin{*tie, {}};
    else if (reads(*condition, scope, schema).only(&source))
      own.push_back(sql::clone(*condition));
    else
      return std::nullopt;
  }
  const auto* a = found ? scope.info(found->tie.a) : nullptr;
  const auto* b = found ? scope.info(found->tie.b) : nullptr;
  if (a == nullptr || b == nullptr || !compares_plainly(*a, *b))
    return std::nullopt;
  found->own = std::move(own);
  return found;
}

/// Is `condition` "column of source IS NULL", where a partner's column could not be NULL?
bool tests_absence(const sql::Expr& condition, const sql::Source& source, const JoinTie& tie,
                   const sql::Scope& scope) {
  const auto* test = condition.as<sql::IsNull>();
  const auto* column = test == nullptr ? nullptr : test->arg->as<sql::Column>();
  if (column == nullptr || test->negated || scope.find(*column) != &source)
    return false;
  const auto* info = scope.info(*column);
  return (info != nullptr && info->not_null) || same_name(column->name, tie.a.name);
}

sql::ExprPtr not_in(AntiJoin anti, sql::FromPtr table, const sql::Scope& scope) {
  auto query = std::make_unique<sql::Query>();
  sql::Select keys;
  keys.items.push_back({sql::expr(sql::Column(anti.tie.a)), ""});
  keys.from = std::move(table);
  const auto* info = scope.info(anti.tie.a);
  if (!info->not_null)
    anti.own.push_back(sql::expr(sql::IsNull{sql::expr(sql::Column(anti.tie.a)), true}));
  keys.where = sql::join_conjuncts(std::move(anti.own));
  query->body.node = std::move(keys);
  auto out = sql::expr(sql::InQuery{sql::expr(sql::Column(anti.tie.b)), std::move(query), true});
  if (!scope.may_be_null(sql::Expr{sql::Column(anti.tie.b)}))
    return out;
  return sql::binary("OR", sql::expr(sql::IsNull{sql::expr(sql::Column(anti.tie.b)), false}),
                     std::move(out));
}

bool replace(Block& block, const sql::Source& source, const sql::Schema& schema) {
  if (source.table == nullptr || merges_columns(*block.select.from))
    return false;
  auto from = sql::clone(*block.select.from);
  auto taken = take_join(from, source.name);
  if (!taken || taken->kind != sql::Join::Kind::left)
    return false;
  auto anti = anti_join(taken->on.get(), source, block.scope, schema);
  if (!anti)
    return false;
  auto conditions = sql::split_conjuncts(sql::clone(block.select.where));
  const auto count = std::erase_if(conditions, [&](const sql::ExprPtr& condition) {
    return tests_absence(*condition, source, anti->tie, block.scope);
  });
  auto old_from = std::exchange(block.select.from, std::move(from));
  auto old_where = std::exchange(block.select.where, sql::join_conjuncts(std::move(conditions)));
  if (count == 0 || mentions(block.query, source)) {
    block.select.from = std::move(old_from);
    block.select.where = std::move(old_where);
    return false;
  }
  block.select.where = sql::both(std::move(block.select.where),
                                 not_in(std::move(*anti), std::move(taken->table), block.scope));
  return true;
}

class AntiJoinToNotIn final : public WordedRule {
 public:
  AntiJoinToNotIn() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      bool changed = false;
      if (block.select.from)
        for (const auto& source : block.scope.sources())
          changed |= replace(block, source, *subject.schema);
      if (!changed)
        return std::nullopt;
      return "The outer join that only kept rows without a partner became NOT IN over the joined "
             "column, with NULLs left out of the list; each such row is kept once, as before.";
    });
  }
};

} // namespace

RulePtr anti_join_to_not_in() {
  return std::make_unique<AntiJoinToNotIn>();
}

} // namespace quill::rewrite
