// SELECT t.total FROM (SELECT user_id, sum(x) AS total, group_concat(y) AS all_y … GROUP BY …) t
//   →  the derived table without all_y
//
// Matches: a derived table whose items are not all read by the block around it.
// Must hold: the derived table is a SELECT without DISTINCT (an item decides there what is double);
// no clause of it names the item by alias or position; the block around reads it by names that can
// be told, with no bare star; an ungrouped aggregate keeps an aggregate; at least one item stays.
// Why the rows are the same: an item computes no row.
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
    "unused-inner-columns", "projection",
    "columns of a derived table that nobody reads are dropped",
    "aggregates such as group_concat are not computed; rows that are sorted or kept get narrow",
    "nowhere; a derived table that SQLite flattens wins nothing"};

bool has_position(const sql::Query& query) {
  bool found = false;
  each_clause(query, [&](Clause clause, const sql::Expr& expr) {
    if (clause == Clause::group || clause == Clause::order)
      found |= integer_value(expr).has_value();
  });
  return found;
}

bool uses_name(const sql::Query& query, const std::string& name) {
  bool used = false;
  each_clause(query, [&](Clause clause, const sql::Expr& expr) {
    if (clause != Clause::item)
      each_expr(expr, [&](const sql::Expr& part) {
        const auto* column = part.as<sql::Column>();
        used |= column != nullptr && column->table.empty() && same_name(column->name, name);
      });
  });
  return used;
}

std::string output_name(const sql::SelectItem& item) {
  const auto* column = item.expr->as<sql::Column>();
  return !item.alias.empty() ? item.alias : column != nullptr ? column->name : "";
}

/// The items with stars spelled out; empty when a star cannot be.
std::vector<sql::SelectItem> spelled_out(const sql::Select& select, const sql::Scope& scope) {
  std::vector<sql::SelectItem> items;
  for (const auto& item : select.items) {
    const auto* star = item.expr->as<sql::Star>();
    if (star == nullptr) {
      items.push_back({sql::clone(item.expr), item.alias});
      continue;
    }
    for (const auto& source : scope.sources()) {
      if (!star->table.empty() && !same_name(star->table, source.name))
        continue;
      if (source.columns.empty())
        return {};
      for (const auto& name : source.columns)
        items.push_back({sql::column(source.name, name), ""});
    }
  }
  return items;
}

bool names_are_distinct(const std::vector<sql::SelectItem>& items) {
  std::set<std::string> names;
  return std::all_of(items.begin(), items.end(), [&](const sql::SelectItem& item) {
    return !output_name(item).empty() && names.insert(lower(output_name(item))).second;
  });
}

/// Drops what `block` does not read of the derived table `source`; false when nothing can go.
bool drop_unread(const Block& block, const sql::Source& source, sql::Query& query,
                 const sql::Schema& schema) {
  auto* select = query.select();
  if (select == nullptr || select->distinct || has_position(query) ||
      (select->from && merges_columns(*select->from)))
    return false;
  const sql::Scope inner(query, schema, &block.scope);
  auto items = spelled_out(*select, inner);
  if (items.empty() || !names_are_distinct(items))
    return false;
  const auto before = items.size();
  sql::Source known = source;
  known.columns.clear();
  for (const auto& item : items)
    known.columns.push_back(output_name(item));
  const auto read = columns_read(block.query, known);
  std::erase_if(items, [&](const sql::SelectItem& item) {
    const auto name = output_name(item);
    const bool wanted = std::find(read.begin(), read.end(), name) != read.end();
    return !wanted && !uses_name(query, name);
  });
  if (items.empty() || items.size() == before)
    return false;
  const bool one_row = select->group_by.empty() && is_grouped(query);
  std::swap(select->items, items);
  if (!one_row || is_grouped(query))
    return true;
  std::swap(select->items, items);
  return false;
}

bool drop_in_leaves(sql::From& from, const Block& block, const sql::Schema& schema) {
  bool changed = false;
  sql::walk_from(from, [&](sql::From& leaf) {
    auto* derived = std::get_if<sql::Derived>(&leaf.node);
    for (const auto& source : block.scope.sources())
      if (derived != nullptr && same_name(source.name, derived->alias))
        changed |= drop_unread(block, source, *derived->query, schema);
  });
  return changed;
}

class UnusedInnerColumns final : public WordedRule {
 public:
  UnusedInnerColumns() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (!block.select.from || merges_columns(*block.select.from) ||
          !drop_in_leaves(*block.select.from, block, *subject.schema))
        return std::nullopt;
      return "Columns of a derived table that nobody reads were dropped; an item does not decide "
             "which rows there are.";
    });
  }
};

} // namespace

RulePtr unused_inner_columns() {
  return std::make_unique<UnusedInnerColumns>();
}

} // namespace quill::rewrite
