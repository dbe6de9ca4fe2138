#include "rewrite/subquery.hpp"

#include "quill/sql/walk.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

bool is_ungrouped_select(const sql::Query& query) {
  const auto* select = query.select();
  return select != nullptr && !select->distinct && select->group_by.empty() && !select->having &&
         query.with.empty() && query.windows.empty() && !query.offset;
}

} // namespace

bool is_plain_block(const sql::Query& query) {
  return is_ungrouped_select(query) && !query.limit;
}

bool is_plain_block_with_limit(const sql::Query& query) {
  return is_ungrouped_select(query) &&
         (!query.limit || integer_value(*query.limit).value_or(0) >= 1);
}

// ---- ties to the outer block
// ---------------------------------------------------------------------

namespace {

std::optional<Tie> tie(const sql::Expr& conjunct, const sql::Scope& inner,
                       const sql::Scope& outer) {
  const auto equal = comparison(conjunct);
  if (!equal || equal->op != "=")
    return std::nullopt;
  const auto* a = equal->left->as<sql::Column>();
  const auto* b = equal->right->as<sql::Column>();
  if (a == nullptr || b == nullptr)
    return std::nullopt;
  if (inner.find(*a) == nullptr)
    std::swap(a, b);
  if (inner.find(*a) == nullptr || inner.find(*b) != nullptr || outer.find(*b) == nullptr)
    return std::nullopt;
  const auto* inner_info = inner.info(*a);
  const auto* outer_info = outer.info(*b);
  if (inner_info == nullptr || outer_info == nullptr || !compares_plainly(*inner_info, *outer_info))
    return std::nullopt;
  return Tie{*a, *b, inner.may_be_null(sql::Expr{*a}), outer.may_be_null(sql::Expr{*b})};
}

/// Does anything but WHERE read the outer block (or something that is not known)?
bool strays_outside_where(const sql::Query& query, const sql::Scope& inner,
                          const sql::Schema& schema) {
  bool strays = false;
  each_clause(query, [&](Clause clause, const sql::Expr& expr) {
    if (clause != Clause::where && clause != Clause::order && clause != Clause::item)
      strays |= !reads(expr, inner, schema).local();
    // count(*) and SELECT * hold no column of the outer block; a name in them must be known
    if (clause == Clause::item && expr.as<sql::Star>() == nullptr)
      strays |= !reads(expr, inner, schema).local();
  });
  if (query.select()->from)
    sql::walk_from(*query.select()->from, [&](const sql::From& leaf) {
      if (const auto* derived = std::get_if<sql::Derived>(&leaf.node))
        strays |= !free_columns(*derived->query, schema, &inner).empty();
    });
  return strays;
}

} // namespace

std::optional<Correlation> correlation(const sql::Query& query, const sql::Schema& schema,
                                       const sql::Scope& outer) {
  const auto* select = query.select();
  if (select == nullptr || !select->from || !select->where)
    return std::nullopt;
  const sql::Scope inner(query, schema, &outer);
  if (strays_outside_where(query, inner, schema))
    return std::nullopt;
  Correlation found;
  std::vector<sql::ExprPtr> rest;
  for (const auto* conjunct : sql::conjuncts(select->where.get())) {
    if (auto one = tie(*conjunct, inner, outer))
      found.ties.push_back(std::move(*one));
    else if (reads(*conjunct, inner, schema).local())
      rest.push_back(sql::clone(*conjunct));
    else
      return std::nullopt;
  }
  if (found.ties.empty())
    return std::nullopt;
  found.remainder = sql::join_conjuncts(std::move(rest));
  return found;
}

// ---- FROM
// ----------------------------------------------------------------------------------------

const sql::Source* only_source(const sql::Select& select, const sql::Scope& scope) {
  if (!select.from || !std::holds_alternative<sql::TableName>(select.from->node) ||
      scope.sources().size() != 1 || scope.sources()[0].table == nullptr)
    return nullptr;
  return scope.sources().data();
}

bool merges_columns(const sql::From& from) {
  const auto* join = std::get_if<sql::Join>(&from.node);
  return join != nullptr && (join->natural || !join->using_columns.empty() ||
                             merges_columns(*join->left) || merges_columns(*join->right));
}

bool only_inner_joins(const sql::From& from) {
  const auto* join = std::get_if<sql::Join>(&from.node);
  if (join == nullptr)
    return true;
  const bool inner = join->kind == sql::Join::Kind::inner || join->kind == sql::Join::Kind::cross ||
                     join->kind == sql::Join::Kind::comma;
  return inner && only_inner_joins(*join->left) && only_inner_joins(*join->right);
}

bool is_grouped(const sql::Query& query) {
  const auto* select = query.select();
  if (select == nullptr)
    return false;
  bool grouped = !select->group_by.empty() || select->having != nullptr;
  each_clause(query, [&](Clause clause, const sql::Expr& expr) {
    if (clause == Clause::item || clause == Clause::order)
      grouped |= sql::has_aggregate(expr);
  });
  return grouped;
}

bool spell_out_stars(sql::Select& select, const sql::Scope& scope) {
  std::vector<sql::SelectItem> items;
  for (auto& item : select.items) {
    const auto* star = item.expr->as<sql::Star>();
    if (star == nullptr || !star->table.empty()) {
      items.push_back(std::move(item));
      continue;
    }
    if (select.from == nullptr || merges_columns(*select.from))
      return false;
    for (const auto& source : scope.sources())
      items.push_back({sql::expr(sql::Star{source.name}), ""});
  }
  select.items = std::move(items);
  return true;
}

sql::FromPtr joined(sql::FromPtr left, sql::Join::Kind kind, sql::FromPtr right, sql::ExprPtr on) {
  sql::Join join;
  join.kind = kind;
  join.left = std::move(left);
  join.right = std::move(right);
  join.on = std::move(on);
  return sql::from(std::move(join));
}

std::string leaf_name(const sql::From& leaf) {
  if (const auto* table = std::get_if<sql::TableName>(&leaf.node))
    return table->alias.empty() ? table->name : table->alias;
  const auto* derived = std::get_if<sql::Derived>(&leaf.node);
  return derived == nullptr ? "" : derived->alias;
}

std::optional<TakenJoin> take_join(sql::FromPtr& from, std::string_view name) {
  auto* join = std::get_if<sql::Join>(&from->node);
  if (join == nullptr)
    return std::nullopt;
  if (!std::holds_alternative<sql::Join>(join->right->node) &&
      same_name(leaf_name(*join->right), name)) {
    TakenJoin taken{join->kind, std::move(join->right), std::move(join->on)};
    auto left = std::move(join->left);
    from = std::move(left);
    return taken;
  }
  if (auto taken = take_join(join->left, name))
    return taken;
  return take_join(join->right, name);
}

} // namespace quill::rewrite
