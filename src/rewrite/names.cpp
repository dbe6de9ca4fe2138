#include "rewrite/names.hpp"

#include <algorithm>
#include <cctype>

#include "rewrite/slots.hpp"

namespace quill::rewrite {

// ---- names that are taken
// ------------------------------------------------------------------------

namespace {

/// Every query a block holds directly: CTEs, derived tables, sub-queries of its clauses.
void each_inner(const sql::Query& query, const std::function<void(const sql::Query&)>& visit);

void each_inner(const sql::From& from, const std::function<void(const sql::Query&)>& visit) {
  if (const auto* join = std::get_if<sql::Join>(&from.node)) {
    each_inner(*join->left, visit);
    each_inner(*join->right, visit);
  } else if (const auto* derived = std::get_if<sql::Derived>(&from.node)) {
    visit(*derived->query);
  }
}

/// An arm as a query of its own.
sql::Query as_query(const sql::Body& body) {
  sql::Query query;
  query.body = sql::clone(body);
  return query;
}

void each_inner(const sql::Query& query, const std::function<void(const sql::Query&)>& visit) {
  for (const auto& cte : query.with)
    visit(*cte.query);
  if (const auto* set = std::get_if<sql::SetOperation>(&query.body.node)) {
    visit(as_query(*set->left));
    visit(as_query(*set->right));
    return;
  }
  if (const auto* select = query.select(); select != nullptr && select->from)
    each_inner(*select->from, visit);
  each_clause(query, [&](Clause, const sql::Expr& expr) { each_subquery(expr, visit); });
}

} // namespace

Names::Names(const sql::Query& root) {
  take(root);
}

void Names::take(const sql::From& from) {
  if (const auto* join = std::get_if<sql::Join>(&from.node)) {
    take(*join->left);
    take(*join->right);
  } else if (const auto* table = std::get_if<sql::TableName>(&from.node)) {
    taken_.insert(lower(table->name));
    taken_.insert(lower(table->alias));
  } else if (const auto* derived = std::get_if<sql::Derived>(&from.node)) {
    taken_.insert(lower(derived->alias));
  }
}

void Names::take(const sql::Query& query) {
  for (const auto& cte : query.with)
    taken_.insert(lower(cte.name));
  if (const auto* select = query.select()) {
    for (const auto& item : select->items)
      taken_.insert(lower(item.alias));
    if (select->from)
      take(*select->from);
  }
  each_clause(query, [&](Clause, const sql::Expr& expr) {
    each_expr(expr, [&](const sql::Expr& part) {
      if (const auto* column = part.as<sql::Column>()) {
        taken_.insert(lower(column->name));
        taken_.insert(lower(column->table));
      }
    });
  });
  each_inner(query, [&](const sql::Query& inner) { take(inner); });
}

std::string Names::fresh(std::string_view base) {
  std::string name(base);
  for (int i = 2; !taken_.insert(lower(name)).second; ++i)
    name = std::string(base) + "_" + std::to_string(i);
  return name;
}

// ---- who is read
// ---------------------------------------------------------------------------------

namespace {

bool has_alias(const sql::Query& query, const sql::Column& column) {
  const auto* select = query.select();
  return select != nullptr && column.table.empty() &&
         std::any_of(select->items.begin(), select->items.end(),
                     [&](const auto& item) { return same_name(item.alias, column.name); });
}

void add_free(const sql::Query& query, const sql::Schema& schema, const sql::Scope* outer,
              std::vector<sql::Column>& free);

void add_free_of_select(const sql::Query& query, const sql::Schema& schema, const sql::Scope* outer,
                        std::vector<sql::Column>& free) {
  const sql::Scope scope(query, schema, outer);
  const auto keep_unresolved = [&](const sql::Column& column) {
    if (scope.find(column) == nullptr)
      free.push_back(column);
  };
  each_clause(query, [&](Clause, const sql::Expr& expr) {
    each_expr(expr, [&](const sql::Expr& part) {
      if (const auto* column = part.as<sql::Column>();
          column != nullptr && !has_alias(query, *column))
        keep_unresolved(*column);
    });
    each_subquery(expr, [&](const sql::Query& inner) {
      std::vector<sql::Column> deeper;
      add_free(inner, schema, &scope, deeper);
      for (const auto& column : deeper)
        keep_unresolved(column);
    });
  });
  if (query.select()->from)
    each_inner(*query.select()->from,
               [&](const sql::Query& inner) { add_free(inner, schema, &scope, free); });
}

void add_free(const sql::Query& query, const sql::Schema& schema, const sql::Scope* outer,
              std::vector<sql::Column>& free) {
  for (const auto& cte : query.with)
    add_free(*cte.query, schema, outer, free);
  if (const auto* set = std::get_if<sql::SetOperation>(&query.body.node)) {
    add_free(as_query(*set->left), schema, outer, free);
    add_free(as_query(*set->right), schema, outer, free);
  } else if (query.select() != nullptr) {
    add_free_of_select(query, schema, outer, free);
  }
}

} // namespace

std::vector<sql::Column> free_columns(const sql::Query& query, const sql::Schema& schema,
                                      const sql::Scope* outer) {
  std::vector<sql::Column> free;
  add_free(query, schema, outer, free);
  return free;
}

Reads reads(const sql::Expr& expr, const sql::Scope& scope, const sql::Schema& schema) {
  Reads found;
  const auto add = [&](const sql::Column& column) {
    if (const auto* source = scope.find(column))
      found.sources.insert(source);
    else if (scope.is_outer(column))
      found.outer = true;
    else
      found.unknown = true;
  };
  each_expr(expr, [&](const sql::Expr& part) {
    if (const auto* column = part.as<sql::Column>())
      add(*column);
    else if (part.as<sql::Star>() != nullptr)
      found.unknown = true;
  });
  each_subquery(expr, [&](const sql::Query& inner) {
    for (const auto& column : free_columns(inner, schema, &scope))
      add(column);
  });
  return found;
}

namespace {

bool names_source(const sql::Column& column, const sql::Source& source) {
  if (!column.table.empty())
    return same_name(column.table, source.name);
  return std::any_of(source.columns.begin(), source.columns.end(),
                     [&](const std::string& name) { return same_name(name, column.name); });
}

/// Calls visit(column) for each column that may be of `source`, at any depth; a star is a null.
void each_mention(const sql::Query& query, const sql::Source& source, bool own_block,
                  const std::function<void(const sql::Column*)>& visit) {
  each_clause(query, [&](Clause, const sql::Expr& expr) {
    each_expr(expr, [&](const sql::Expr& part) {
      const auto* column = part.as<sql::Column>();
      if (column != nullptr && names_source(*column, source))
        visit(column);
      const auto* star = part.as<sql::Star>();
      if (star != nullptr && own_block &&
          (star->table.empty() || same_name(star->table, source.name)))
        visit(nullptr);
    });
  });
  each_inner(query, [&](const sql::Query& inner) { each_mention(inner, source, false, visit); });
}

} // namespace

bool mentions(const sql::Query& block, const sql::Source& source) {
  bool found = false;
  each_mention(block, source, true, [&](const sql::Column*) { found = true; });
  return found;
}

std::vector<std::string> columns_read(const sql::Query& block, const sql::Source& source) {
  std::set<std::string> read;
  bool all = false;
  each_mention(block, source, true, [&](const sql::Column* column) {
    if (column == nullptr)
      all = true;
    else
      read.insert(lower(column->name));
  });
  std::vector<std::string> out;
  for (const auto& name : source.columns)
    if (all || read.contains(lower(name)))
      out.push_back(name);
  return out;
}

} // namespace quill::rewrite
