#include "rewrite/uniqueness.hpp"

#include <algorithm>

#include "rewrite/comparison.hpp"
#include "rewrite/facts.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

std::vector<std::string> columns_given(const sql::Query& block, const sql::Source& source,
                                       const sql::Scope& scope) {
  std::vector<std::string> given;
  for (const auto& item : block.select()->items) {
    const auto* star = item.expr->as<sql::Star>();
    if (star != nullptr && (star->table.empty() || same_name(star->table, source.name)))
      return source.columns;
    const auto* column = item.expr->as<sql::Column>();
    if (column != nullptr && scope.find(*column) == &source)
      given.push_back(column->name);
  }
  return given;
}

bool is_key(const sql::Source& source, const std::vector<std::string>& columns) {
  if (source.table == nullptr)
    return false;
  // 'a' and 'A' are one value to a NOCASE column, whatever its unique index says.
  std::vector<std::string> binary;
  for (const auto& name : columns)
    if (const auto* info = source.table->column(name); info != nullptr && is_binary(*info))
      binary.push_back(name);
  return source.table->has_key(binary);
}

std::vector<std::string> columns_fixed(const sql::Expr* on, const sql::Source& source,
                                       const sql::Scope& scope, const sql::Schema& schema) {
  std::vector<std::string> fixed;
  const auto add = [&](const sql::Expr& side, const sql::Expr& other) {
    const auto* column = side.as<sql::Column>();
    const auto* info = column == nullptr ? nullptr : scope.info(*column);
    if (info == nullptr || scope.find(*column) != &source || !is_binary(*info))
      return;
    const auto read = reads(other, scope, schema);
    const auto* other_column = other.as<sql::Column>();
    const auto* other_info = other_column == nullptr ? nullptr : scope.info(*other_column);
    const bool plain = other_info == nullptr ? compares_plainly(*info, other)
                                             : compares_plainly(*info, *other_info);
    if (plain && !read.unknown && !read.sources.contains(&source))
      fixed.push_back(column->name);
  };
  for (const auto* condition : sql::conjuncts(on))
    if (const auto equal = comparison(*condition); equal && equal->op == "=") {
      add(*equal->left, *equal->right);
      add(*equal->right, *equal->left);
    }
  return fixed;
}

bool meets_one_parent(const sql::Column& key, const sql::Source& parent, const sql::Column& foreign,
                      const sql::Source& child, const Facts& facts) {
  if (parent.table == nullptr || child.table == nullptr || !parent.table->has_key({key.name}) ||
      !facts.parents.contains(fact_name(child.table->name, foreign.name)))
    return false;
  return std::any_of(child.table->foreign_keys.begin(), child.table->foreign_keys.end(),
                     [&](const sql::ForeignKey& declared) {
                       return declared.columns.size() == 1 && declared.target_columns.size() == 1 &&
                              same_name(declared.columns[0], foreign.name) &&
                              same_name(declared.table, parent.table->name) &&
                              same_name(declared.target_columns[0], key.name);
                     });
}

namespace {

/// An equality the rows of the block fulfil. That of a LEFT JOIN's ON says something about its
/// right side only: `only` then names it.
struct Equality {
  Comparison sides;
  std::string only;
};

void add_equalities(const sql::Expr* condition, const std::string& only,
                    std::vector<Equality>& all) {
  for (const auto* one : sql::conjuncts(condition))
    if (const auto found = comparison(*one); found && found->op == "=")
      all.push_back({*found, only});
}

void add_equalities(const sql::From& from, std::vector<Equality>& all) {
  const auto* join = std::get_if<sql::Join>(&from.node);
  if (join == nullptr)
    return;
  add_equalities(*join->left, all);
  const bool left = join->kind == sql::Join::Kind::left;
  add_equalities(join->on.get(), left ? leaf_name(*join->right) : "", all);
}

std::vector<Equality> equalities(const sql::Select& select) {
  std::vector<Equality> all;
  add_equalities(select.where.get(), "", all);
  add_equalities(*select.from, all);
  return all;
}

using Sources = std::set<const sql::Source*>;

/// Columns of `source` equated with a literal or a column of a source whose row is fixed.
std::vector<std::string> columns_following(const sql::Source& source, const Sources& fixed,
                                           const std::vector<Equality>& equal,
                                           const sql::Scope& scope) {
  std::vector<std::string> out;
  const auto add = [&](const sql::Expr& side, const sql::Expr& other) {
    const auto* column = side.as<sql::Column>();
    if (column == nullptr || scope.find(*column) != &source)
      return;
    const auto* info = scope.info(*column);
    const auto* from = other.as<sql::Column>();
    const auto* from_source = from == nullptr ? nullptr : scope.find(*from);
    const auto* from_info = from_source == nullptr ? nullptr : scope.info(*from);
    const bool follows = from_info != nullptr ? info != nullptr && fixed.contains(from_source) &&
                                                    compares_plainly(*info, *from_info)
                                              : info != nullptr && compares_plainly(*info, other);
    if (follows)
      out.push_back(column->name);
  };
  for (const auto& one : equal) {
    if (!one.only.empty() && !same_name(one.only, source.name))
      continue;
    add(*one.sides.left, *one.sides.right);
    add(*one.sides.right, *one.sides.left);
  }
  return out;
}

bool groups_are_given(const sql::Query& block) {
  const auto& select = *block.select();
  return std::all_of(select.group_by.begin(), select.group_by.end(), [&](const auto& key) {
    return std::any_of(select.items.begin(), select.items.end(),
                       [&](const auto& item) { return sql::equal(*item.expr, *key); });
  });
}

/// Only tables one after another by inner, cross, comma and LEFT joins.
bool is_left_deep(const sql::From& from) {
  const auto* join = std::get_if<sql::Join>(&from.node);
  if (join == nullptr)
    return true;
  return join->kind != sql::Join::Kind::right && join->kind != sql::Join::Kind::full &&
         !std::holds_alternative<sql::Join>(join->right->node) && is_left_deep(*join->left);
}

} // namespace

bool gives_no_doubles(const sql::Query& block, const sql::Scope& scope) {
  const auto& select = *block.select();
  if (!select.from || !is_left_deep(*select.from) || merges_columns(*select.from))
    return false;
  if (!select.group_by.empty())
    return groups_are_given(block);
  if (is_grouped(block))
    return true; // one row
  const auto equal = equalities(select);
  Sources fixed;
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& source : scope.sources()) {
      auto columns = columns_given(block, source, scope);
      for (auto& name : columns_following(source, fixed, equal, scope))
        columns.push_back(std::move(name));
      if (!fixed.contains(&source) && is_key(source, columns))
        grew = fixed.insert(&source).second;
    }
  }
  return fixed.size() == scope.sources().size();
}

} // namespace quill::rewrite
