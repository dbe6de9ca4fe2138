#include "rewrite/inner_joins.hpp"

#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

void add(const sql::From& from, InnerJoins& out) {
  const auto* join = std::get_if<sql::Join>(&from.node);
  if (join == nullptr) {
    out.leaves.push_back(sql::clone(from));
    return;
  }
  add(*join->left, out);
  add(*join->right, out);
  for (const auto* condition : sql::conjuncts(join->on.get()))
    out.conditions.push_back(sql::clone(*condition));
}

} // namespace

std::optional<InnerJoins> take_apart(const sql::Select& select) {
  if (!select.from || !only_inner_joins(*select.from) || merges_columns(*select.from))
    return std::nullopt;
  InnerJoins out;
  add(*select.from, out);
  for (const auto* condition : sql::conjuncts(select.where.get()))
    out.conditions.push_back(sql::clone(*condition));
  return out;
}

namespace {

std::set<std::string> names_read(const sql::Expr& condition, const sql::Scope& scope,
                                 const sql::Schema& schema) {
  std::set<std::string> names;
  for (const auto* source : reads(condition, scope, schema).sources)
    names.insert(lower(source->name));
  return names;
}

/// Conditions that the join bringing the last of `known` can take.
sql::ExprPtr take_known(std::vector<sql::ExprPtr>& conditions, const std::set<std::string>& known,
                        const sql::Scope& scope, const sql::Schema& schema) {
  sql::ExprPtr on;
  for (auto& condition : conditions) {
    if (!condition)
      continue;
    const auto names = names_read(*condition, scope, schema);
    if (names.size() > 1 && std::includes(known.begin(), known.end(), names.begin(), names.end()))
      on = sql::both(std::move(on), std::move(condition));
  }
  return on;
}

} // namespace

void put_together(sql::Select& select, InnerJoins joins, const sql::Scope& scope,
                  const sql::Schema& schema) {
  std::set<std::string> known{lower(leaf_name(*joins.leaves[0]))};
  auto from = std::move(joins.leaves[0]);
  for (std::size_t i = 1; i < joins.leaves.size(); ++i) {
    known.insert(lower(leaf_name(*joins.leaves[i])));
    auto on = take_known(joins.conditions, known, scope, schema);
    const auto kind = on ? sql::Join::Kind::inner : sql::Join::Kind::comma;
    from = joined(std::move(from), kind, std::move(joins.leaves[i]), std::move(on));
  }
  std::erase_if(joins.conditions, [](const sql::ExprPtr& left) { return left == nullptr; });
  select.from = std::move(from);
  select.where = sql::join_conjuncts(std::move(joins.conditions));
}

std::optional<JoinTie> join_tie(const sql::Expr& condition, const sql::Scope& scope) {
  const auto equal = comparison(condition);
  if (!equal || equal->op != "=")
    return std::nullopt;
  const auto* a = equal->left->as<sql::Column>();
  const auto* b = equal->right->as<sql::Column>();
  const auto* a_source = a == nullptr ? nullptr : scope.find(*a);
  const auto* b_source = b == nullptr ? nullptr : scope.find(*b);
  if (a_source == nullptr || b_source == nullptr || a_source == b_source)
    return std::nullopt;
  return JoinTie{*a, *b, a_source, b_source};
}

std::optional<JoinTie> join_tie(const sql::Expr& condition, const sql::Scope& scope,
                                const sql::Source* source) {
  auto tie = join_tie(condition, scope);
  if (!tie || (tie->a_source != source && tie->b_source != source))
    return std::nullopt;
  if (tie->a_source != source) {
    std::swap(tie->a, tie->b);
    std::swap(tie->a_source, tie->b_source);
  }
  return tie;
}

std::optional<Part> take_part(InnerJoins& joins, const sql::Source& source, const sql::Scope& scope,
                              const sql::Schema& schema) {
  std::optional<JoinTie> tie;
  Part part{};
  std::vector<sql::ExprPtr> rest;
  for (auto& condition : joins.conditions) {
    const auto read = reads(*condition, scope, schema);
    if (!read.sources.contains(&source) && !read.unknown) {
      rest.push_back(std::move(condition));
    } else if (read.only(&source)) {
      part.own.push_back(std::move(condition));
    } else if (auto found = join_tie(*condition, scope, &source); found && !tie) {
      tie = std::move(found);
    } else {
      return std::nullopt;
    }
  }
  const auto leaf = std::find_if(joins.leaves.begin(), joins.leaves.end(), [&](const auto& one) {
    return same_name(leaf_name(*one), source.name);
  });
  const auto* a = tie ? scope.info(tie->a) : nullptr;
  const auto* b = tie ? scope.info(tie->b) : nullptr;
  if (a == nullptr || b == nullptr || !compares_plainly(*a, *b) || leaf == joins.leaves.end())
    return std::nullopt;
  part.tie = *tie;
  part.leaf = std::move(*leaf);
  joins.leaves.erase(leaf);
  joins.conditions = std::move(rest);
  return part;
}

bool is_blind_to_duplicates(const sql::Query& query) {
  const auto* select = query.select();
  if (select == nullptr || !query.windows.empty())
    return false;
  bool counts = false;
  bool windows = false;
  each_clause(query, [&](Clause, const sql::Expr& expr) {
    windows |= sql::has_window(expr);
    each_expr(expr, [&](const sql::Expr& part) {
      const auto* call = part.as<sql::Call>();
      if (call != nullptr && sql::is_aggregate_name(call->name, call->args.size()))
        counts |= !call->distinct && call->name != "min" && call->name != "max";
    });
  });
  if (windows || counts)
    return false;
  return select->distinct || is_grouped(query);
}

} // namespace quill::rewrite
