#include "quill/sql/resolve.hpp"

#include <algorithm>

#include "sql/names.hpp"

namespace quill::sql {
namespace {

// CTEs that name each other would be looked through for ever.
constexpr int kDepthMax = 32;

bool holds(const std::vector<std::string>& names, std::string_view wanted) {
  return std::ranges::any_of(names, [&](const auto& name) { return same_name(name, wanted); });
}

bool is_rowid(std::string_view name) {
  return same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
}

bool has_column(const Source& source, std::string_view name) {
  return (!name.empty() && holds(source.columns, name)) ||
         (source.table && !source.table->without_rowid && is_rowid(name));
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> result;
  for (const auto& column : table.columns)
    result.push_back(column.name);
  return result;
}

/// The arm that gives the columns their names.
const Body& first_arm(const Body& body) {
  const Body* at = &body;
  while (const auto* set = std::get_if<SetOperation>(&at->node))
    at = set->left.get();
  return *at;
}

/// Names of VALUES are column1, column2, …
std::vector<std::string> value_names(const Body& body) {
  std::vector<std::string> result;
  const auto& rows = std::get<Values>(body.node).rows;
  for (std::size_t i = 0; !rows.empty() && i < rows[0].size(); ++i)
    result.push_back("column" + std::to_string(i + 1));
  return result;
}

/// Names of the columns that `*` or `t.*` stands for; empty when not all are known.
bool add_star(const Star& star, const Scope& scope, std::vector<std::string>& names) {
  if (star.table.empty() && scope.merges_columns())
    return false;
  bool found = false;
  for (const auto& source : scope.sources()) {
    if (!star.table.empty() && !same_name(source.name, star.table))
      continue;
    if (source.columns.empty())
      return false;
    names.insert(names.end(), source.columns.begin(), source.columns.end());
    found = true;
  }
  return found;
}

/// t AS a (x, y): names from the left.
std::vector<std::string> renamed(std::vector<std::string> columns,
                                 const std::vector<std::string>& names) {
  if (columns.size() < names.size())
    return names;
  std::ranges::copy(names, columns.begin());
  return columns;
}

bool merges(const From& from) {
  const auto* join = std::get_if<Join>(&from.node);
  return join && (join->natural || !join->using_columns.empty() || merges(*join->left) ||
                  merges(*join->right));
}

} // namespace

Scope::Scope(const Schema& schema, const Scope* outer)
    : schema_(&schema), outer_(outer), depth_(outer ? outer->depth_ + 1 : 0) {}

Scope::Scope(const Query& query, const Schema& schema, const Scope* outer) : Scope(schema, outer) {
  Outputs known;
  add_ctes(query);
  if (const auto* select = query.select())
    add_sources(*select, known);
}

Scope::Scope(const Select& select, const Schema& schema, const Scope* outer)
    : Scope(schema, outer) {
  Outputs known;
  add_sources(select, known);
}

void Scope::add_sources(const Select& select, Outputs& known) {
  if (!select.from)
    return;
  merges_columns_ = merges(*select.from);
  add(*select.from, false, known);
}

Scope Scope::of_ctes(const Query& query, const Schema& schema, const Scope* outer) {
  Scope result(schema, outer);
  result.add_ctes(query);
  return result;
}

void Scope::add_ctes(const Query& query) {
  for (const auto& cte : query.with)
    ctes_.push_back(&cte);
}

const Cte* Scope::cte(std::string_view name) const {
  for (const auto* scope = this; scope; scope = scope->outer_)
    for (const auto* cte : scope->ctes_)
      if (same_name(cte->name, name))
        return cte;
  return nullptr;
}

void Scope::add(const From& from, bool nullable, Outputs& known) {
  if (const auto* join = std::get_if<Join>(&from.node)) {
    const bool full = join->kind == Join::Kind::full;
    add(*join->left, nullable || full || join->kind == Join::Kind::right, known);
    add(*join->right, nullable || full || join->kind == Join::Kind::left, known);
    return;
  }
  Source result;
  if (const auto* table = std::get_if<TableName>(&from.node)) {
    result = source(*table, known);
  } else if (const auto* derived = std::get_if<Derived>(&from.node)) {
    result.name = derived->alias;
    result.query = derived->query.get();
    result.columns = renamed(output(*derived->query, known), derived->columns);
  } else {
    const auto& function = std::get<TableFunction>(from.node);
    const auto* call = function.call->as<Call>();
    result.name = function.alias.empty() && call ? call->name : function.alias;
  }
  result.nullable = nullable;
  sources_.push_back(std::move(result));
}

Source Scope::source(const TableName& table, Outputs& known) const {
  Source result;
  result.name = table.alias.empty() ? table.name : table.alias;
  if (const auto* with = table.schema.empty() ? cte(table.name) : nullptr) {
    result.query = with->query.get();
    result.columns = renamed(output(*with->query, known), with->columns);
  } else if (table.schema.empty() || same_name(table.schema, "main")) {
    result.table = schema_->table(table.name);
    if (result.table)
      result.columns = renamed(column_names(*result.table), table.columns);
    if (!table.columns.empty())
      result.table = nullptr; // what is known stands under other names
  }
  return result;
}

// What a derived table or CTE of this block gives; it sees the block's CTEs, not its sources.
std::vector<std::string> Scope::output(const Query& query, Outputs& known) const {
  if (depth_ >= kDepthMax)
    return {};
  if (const auto found = known.find(&query); found != known.end())
    return found->second;
  known[&query] = {}; // what a CTE that reads itself knows of itself
  auto names = output_anew(query, known);
  return known[&query] = std::move(names);
}

std::vector<std::string> Scope::output_anew(const Query& query, Outputs& known) const {
  const auto& first = first_arm(query.body);
  if (const auto* arm = std::get_if<Arm>(&first.node))
    return output(*arm->query, known);
  const auto* select = std::get_if<Select>(&first.node);
  if (!select)
    return value_names(first);
  Scope ctes(*schema_, outer_);
  ctes.ctes_ = ctes_;
  ctes.depth_ = depth_ + 1;
  const auto inner_ctes = of_ctes(query, *schema_, &ctes);
  Scope inner(*schema_, &inner_ctes);
  inner.add_sources(*select, known);
  std::vector<std::string> names;
  for (const auto& item : select->items) {
    if (const auto* star = item.expr->as<Star>()) {
      if (!add_star(*star, inner, names))
        return {};
    } else if (!item.alias.empty()) {
      names.push_back(item.alias);
    } else {
      // An expression without an alias has a name nobody can rely on.
      const auto* column = item.expr->as<Column>();
      names.push_back(column ? column->name : "");
    }
  }
  return names;
}

bool Scope::is_complete() const {
  return std::ranges::none_of(sources_,
                              [](const Source& source) { return source.columns.empty(); });
}

const Source* Scope::find(const Column& column) const {
  const Source* found = nullptr;
  for (const auto& source : sources_) {
    const bool named = column.table.empty() || same_name(source.name, column.table);
    const bool unknown = source.columns.empty() && !column.table.empty();
    if (!named || !(has_column(source, column.name) || unknown))
      continue;
    if (found)
      return nullptr;
    found = &source;
  }
  return found;
}

bool Scope::is_outer(const Column& column) const {
  const auto here = std::ranges::any_of(sources_, [&](const Source& source) {
    if (!column.table.empty())
      return same_name(source.name, column.table);
    return source.columns.empty() || has_column(source, column.name);
  });
  return !here && outer_ && (outer_->find(column) || outer_->is_outer(column));
}

const ColumnInfo* Scope::info(const Column& column) const {
  const auto* source = find(column);
  return source && source->table ? source->table->column(column.name) : nullptr;
}

} // namespace quill::sql
