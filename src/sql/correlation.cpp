#include <algorithm>

#include "quill/sql/resolve.hpp"
#include "sql/blocks.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

bool is_alias(const Column& column, const Select* select) {
  return select && column.table.empty() &&
         std::ranges::any_of(select->items, [&](const SelectItem& item) {
           return !item.alias.empty() && same_name(item.alias, column.name);
         });
}

/// Is the column of one of the blocks from `scope` up to, but without, `end`?
bool is_found(const Column& column, const Scope* scope, const Scope* end) {
  for (; scope && scope != end; scope = scope->outer()) {
    if (scope->find(column))
      return true;
    // Ambiguous here means merged by NATURAL or USING: still of this block.
    if (scope->merges_columns() && column.table.empty() && !scope->is_outer(column))
      return true;
  }
  return false;
}

bool all_known(const Scope* scope) {
  for (; scope; scope = scope->outer())
    if (!scope->is_complete())
      return false;
  return true;
}

} // namespace

bool is_correlated(const Query& query, const Schema& schema, const Scope& enclosing) {
  bool found = false;
  const auto visit = [&](const Expr& expr, const Scope& scope, const Select* select) {
    const auto* column = expr.as<Column>();
    if (found || !column || is_found(*column, &scope, &enclosing) || is_alias(*column, select))
      return;
    const bool is_string = column->quoted && all_known(&scope) && !scope.is_outer(*column);
    found = !is_string;
  };
  Blocks(schema, visit).query(query, &enclosing);
  return found;
}

void settle_quoted_names(Query& query, const Schema& schema) {
  const auto visit = [](Expr& expr, const Scope& scope, const Select* select) {
    auto* column = expr.as<Column>();
    if (!column || !column->quoted)
      return;
    if (is_found(*column, &scope, nullptr) || is_alias(*column, select))
      column->quoted = false;
    else if (all_known(&scope))
      expr.node = Literal{Literal::Kind::string, std::string(column->name)};
  };
  Blocks(schema, visit).query(query, nullptr);
}

} // namespace quill::sql
