// o.x IN (SELECT t.id FROM t WHERE p)  →  JOIN t ON t.id = o.x, WHERE p
//
// Matches: IN (not NOT IN) as a conjunct of WHERE, over an uncorrelated sub-query of one base table
// that gives one of its unique keys.
// Must hold: the key is unique and NOT NULL (else rows would repeat); x is a base column of the
// same domain under BINARY; no GROUP BY, LIMIT or sub-query inside; no NATURAL or USING outside
// (a new table could merge columns).
// Why the rows are the same: a row with x in the set meets exactly one row of t; any other is
// dropped by the join as WHERE dropped it.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "in-to-join", "join", "IN over a unique key becomes a join",
    "the planner may start from either side: with an index on the foreign key from the small one",
    "without an index it looks a row up for every outer row; IN builds its list once"};

void rename(sql::ExprPtr& slot, const std::string& from, const std::string& to) {
  each_slot(slot, [&](sql::ExprPtr& part) {
    auto* column = part->as<sql::Column>();
    if (column != nullptr && same_name(column->table, from))
      column->table = to;
  });
}

bool is_taken(const Block& block, const std::string& name) {
  const auto& sources = block.scope.sources();
  return std::any_of(sources.begin(), sources.end(),
                     [&](const sql::Source& source) { return same_name(source.name, name); });
}

/// The table to be joined with its condition (in ON) and its filter, under a name that is free.
struct NewJoin {
  sql::FromPtr table;
  sql::ExprPtr on, filter;
};

std::optional<NewJoin> new_join(const sql::InQuery& in, const Block& block,
                                const sql::Schema& schema) {
  const auto* select = in.query->select();
  const auto* x = in.arg->as<sql::Column>();
  auto plain = sql::clone(*in.query);
  if (select == nullptr || in.negated || x == nullptr || select->items.size() != 1)
    return std::nullopt;
  plain->select()->distinct = false;
  const sql::Scope inner(*in.query, schema, &block.scope);
  const auto* source = only_source(*select, inner);
  const auto* key = select->items[0].expr->as<sql::Column>();
  if (!is_plain_block(*plain) || source == nullptr || key == nullptr ||
      !source->table->has_key({key->name}) ||
      (select->where && sql::has_subquery(*select->where)) ||
      !free_columns(*in.query, schema, &block.scope).empty())
    return std::nullopt;
  const auto* key_info = inner.info(*key);
  const auto* x_info = block.scope.info(*x);
  if (key_info == nullptr || x_info == nullptr || !compares_plainly(*key_info, *x_info))
    return std::nullopt;
  auto name = source->name;
  if (is_taken(block, name))
    name = Names(block.query).fresh(name);
  auto table = std::get<sql::TableName>(select->from->node);
  table.alias = same_name(name, table.name) ? "" : name;
  auto filter = sql::clone(select->where);
  if (filter)
    rename(filter, source->name, name);
  return NewJoin{sql::from(std::move(table)),
                 sql::binary("=", sql::column(name, key->name), sql::expr(sql::Column(*x))),
                 std::move(filter)};
}

class InToJoin final : public WordedRule {
 public:
  InToJoin() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || merges_columns(*block.select.from))
        return std::nullopt;
      auto conditions = sql::split_conjuncts(std::move(block.select.where));
      const bool changed = join_one(conditions, block, *subject.schema);
      block.select.where = sql::join_conjuncts(std::move(conditions));
      if (!changed)
        return std::nullopt;
      return "IN over the unique key of a table became a join: each row meets at most one row "
             "there, so none is lost or doubled.";
    });
  }

 private:
  static bool join_one(std::vector<sql::ExprPtr>& conditions, Block& block,
                       const sql::Schema& schema) {
    for (auto& condition : conditions) {
      const auto* in = condition->as<sql::InQuery>();
      auto join = in == nullptr ? std::nullopt : new_join(*in, block, schema);
      if (!join || !spell_out_stars(block.select, block.scope))
        continue;
      block.select.from = joined(std::move(block.select.from), sql::Join::Kind::inner,
                                 std::move(join->table), std::move(join->on));
      condition = std::move(join->filter);
      std::erase_if(conditions, [](const sql::ExprPtr& one) { return one == nullptr; });
      return true;
    }
    return false;
  }
};

} // namespace

RulePtr in_to_join() {
  return std::make_unique<InToJoin>();
}

} // namespace quill::rewrite
