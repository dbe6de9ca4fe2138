// … FROM a JOIN b ON … WHERE a.x = 1 OR b.y = 2
//   →  … WHERE a.x = 1  UNION ALL  … WHERE b.y = 2 AND NOT coalesce(a.x = 1, 0)
//
// Matches: inner joins whose WHERE or ON holds an OR of two conditions over different tables (or
// two join conditions). Must hold: no GROUP BY, aggregate, DISTINCT, window, LIMIT; ORDER BY names
// output columns only; the statement is not itself an arm. Why the rows are the same: a joined row
// comes from the first arm when the first condition is true, else from the second when the second
// is; coalesce takes NULL for "not true", so no row comes twice or is lost.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/set_arms.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "or-to-union-all", "join", "an OR across tables becomes UNION ALL of two searches",
    "indexes on both sides: 3x to 590x measured; an OR in a join condition: 2x to 14x",
    "without indexes: the join runs twice"};

bool is_given(const sql::Expr& term, const sql::Select& select) {
  const auto* column = term.as<sql::Column>();
  return std::any_of(select.items.begin(), select.items.end(), [&](const sql::SelectItem& item) {
    return sql::equal(*item.expr, term) ||
           (column != nullptr && column->table.empty() && same_name(item.alias, column->name));
  });
}

bool may_split(const Block& block) {
  const auto& select = block.select;
  bool windows = !block.query.windows.empty();
  for (const auto& item : select.items)
    windows |= sql::has_window(*item.expr);
  const auto& order = block.query.order_by;
  return block.place != Place::arm && !select.distinct && !is_grouped(block.query) &&
         !block.query.limit && !block.query.offset && !windows &&
         std::all_of(order.begin(), order.end(),
                     [&](const sql::OrderTerm& term) { return is_given(*term.expr, select); });
}

/// An OR whose two sides read different tables, or both read two. On DuckDB, which scans fast and
/// joins by hash alone, only the latter pays: two conditions none of which the join could hash on.
bool crosses_tables(const sql::Expr& condition, const Block& block, const Subject& subject) {
  const auto& schema = *subject.schema;
  const auto* logic = condition.as<sql::Binary>();
  if (logic == nullptr || logic->op != "OR")
    return false;
  const auto left = reads(*logic->left, block.scope, schema);
  const auto right = reads(*logic->right, block.scope, schema);
  return !left.unknown && !right.unknown && !left.sources.empty() && !right.sources.empty() &&
         (left.sources != right.sources || left.sources.size() > 1) &&
         (subject.dialect != sql::Dialect::duckdb ||
          std::min(left.sources.size(), right.sources.size()) > 1);
}

InnerJoins copy(const InnerJoins& joins, std::size_t without) {
  InnerJoins out;
  for (const auto& leaf : joins.leaves)
    out.leaves.push_back(sql::clone(*leaf));
  for (std::size_t i = 0; i < joins.conditions.size(); ++i)
    if (i != without)
      out.conditions.push_back(sql::clone(joins.conditions[i]));
  return out;
}

/// SQLite has numbers for truth, the others a type.
sql::ExprPtr not_true(const sql::Expr& condition, sql::Dialect dialect) {
  std::vector<sql::ExprPtr> args;
  args.push_back(sql::clone(condition));
  args.push_back(dialect == sql::Dialect::sqlite
                     ? sql::integer(0)
                     : sql::expr(sql::Literal{sql::Literal::Kind::boolean, "false"}));
  return sql::expr(sql::Unary{"NOT", sql::call("coalesce", std::move(args))});
}

sql::QueryPtr arm(const Block& block, InnerJoins joins, const sql::Schema& schema) {
  auto query = std::make_unique<sql::Query>();
  auto select = sql::clone(block.select);
  put_together(select, std::move(joins), block.scope, schema);
  query->body.node = std::move(select);
  return query;
}

bool split(Block& block, const Subject& subject) {
  const auto& schema = *subject.schema;
  const auto joins = take_apart(block.select);
  if (!joins || joins->leaves.size() < 2)
    return false;
  for (std::size_t i = 0; i < joins->conditions.size(); ++i) {
    if (!crosses_tables(*joins->conditions[i], block, subject))
      continue;
    const auto& logic = *joins->conditions[i]->as<sql::Binary>();
    auto first = copy(*joins, i);
    first.conditions.push_back(sql::clone(*logic.left));
    auto second = copy(*joins, i);
    second.conditions.push_back(sql::clone(*logic.right));
    second.conditions.push_back(not_true(*logic.left, subject.dialect));
    SetArms arms{sql::SetOperation::Kind::union_, true, {}};
    arms.arms.push_back(arm(block, std::move(first), schema));
    arms.arms.push_back(arm(block, std::move(second), schema));
    block.query.body = set_body(std::move(arms));
    return true;
  }
  return false;
}

class OrToUnionAll final : public WordedRule {
 public:
  OrToUnionAll() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!may_split(block) || !split(block, subject))
        return std::nullopt;
      return "An OR across tables became UNION ALL of two searches, each of which can use its own "
             "index; the second leaves out what the first has found.";
    });
  }
};

} // namespace

RulePtr or_to_union_all() {
  return std::make_unique<OrToUnionAll>();
}

} // namespace quill::rewrite
