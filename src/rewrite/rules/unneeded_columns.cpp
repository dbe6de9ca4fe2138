// needs.columns = ["product", "amount"]:  SELECT * FROM orders  →  SELECT product, amount FROM
// orders
//
// Matches: a statement whose user said which columns are used.
// Must hold: `needs.columns` was declared; each names exactly one column of the answer; no
// DISTINCT, UNION or GROUP BY position whose meaning would change with the columns; ORDER BY does
// not name a dropped item by alias or position; an ungrouped aggregate keeps an aggregate. Why the
// rows are the same: an item computes no row; under the declared columns the same rows remain.
#include <algorithm>

#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "unneeded-columns", "projection", "only the declared columns are selected",
    "sub-queries and functions of dropped columns are not computed; a covering index may do",
    "nowhere; it applies only where the user declared it"};

/// The answer's columns one by one, stars spelled out: name and item. Empty when not known.
struct Output {
  std::string name;
  sql::SelectItem item;
};

bool spell_out(const sql::SelectItem& item, const sql::Scope& scope, std::vector<Output>& out) {
  const auto* star = item.expr->as<sql::Star>();
  if (star == nullptr) {
    const auto* column = item.expr->as<sql::Column>();
    const auto name = !item.alias.empty() ? item.alias : column != nullptr ? column->name : "";
    out.push_back({name, {sql::clone(item.expr), item.alias}});
    return true;
  }
  const bool single = scope.sources().size() == 1;
  for (const auto& source : scope.sources()) {
    if (!star->table.empty() && !same_name(star->table, source.name))
      continue;
    if (source.columns.empty())
      return false;
    for (const auto& name : source.columns)
      out.push_back({name, {sql::column(single ? "" : source.name, name), ""}});
  }
  return true;
}

std::vector<Output> outputs(const Block& block) {
  std::vector<Output> out;
  if (block.select.from && merges_columns(*block.select.from))
    return {};
  for (const auto& item : block.select.items)
    if (!spell_out(item, block.scope, out))
      return {};
  return out;
}

bool has_position(const sql::Query& query, const sql::Select& select) {
  const auto is_number = [](const sql::Expr& expr) { return integer_value(expr).has_value(); };
  return std::any_of(select.group_by.begin(), select.group_by.end(),
                     [&](const auto& key) { return is_number(*key); }) ||
         std::any_of(query.order_by.begin(), query.order_by.end(),
                     [&](const auto& term) { return is_number(*term.expr); });
}

/// Does any clause but the items use the alias?
bool uses_alias(const sql::Query& query, const std::string& alias) {
  bool used = false;
  each_clause(query, [&](Clause clause, const sql::Expr& expr) {
    if (clause != Clause::item)
      each_expr(expr, [&](const sql::Expr& part) {
        const auto* column = part.as<sql::Column>();
        used |= column != nullptr && column->table.empty() && same_name(column->name, alias);
      });
  });
  return used;
}

/// The needed items in the answer's order; empty when one of them is not found exactly once, or a
/// dropped one is needed by another clause.
std::vector<sql::SelectItem> needed_items(Block& block, const std::vector<std::string>& needed) {
  std::vector<sql::SelectItem> items;
  auto all = outputs(block);
  std::size_t named = 0;
  for (auto& output : all) {
    const auto times = std::count_if(needed.begin(), needed.end(), [&](const std::string& name) {
      return same_name(name, output.name);
    });
    if (times == 0 && !output.item.alias.empty() && uses_alias(block.query, output.item.alias))
      return {};
    named += static_cast<std::size_t>(times);
    if (times > 0)
      items.push_back(std::move(output.item));
  }
  const bool each_once = items.size() == needed.size() && named == needed.size();
  return each_once && items.size() < all.size() ? std::move(items) : std::vector<sql::SelectItem>();
}

class UnneededColumns final : public WordedRule {
 public:
  UnneededColumns() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    if (subject.needs.columns.empty())
      return {};
    return change_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      if (block.place != Place::outermost || block.select.distinct ||
          has_position(block.query, block.select))
        return std::nullopt;
      auto items = needed_items(block, subject.needs.columns);
      if (items.empty())
        return std::nullopt;
      const bool one_row = block.select.group_by.empty() && is_grouped(block.query);
      auto old = std::exchange(block.select.items, std::move(items));
      if (one_row && !is_grouped(block.query)) {
        block.select.items = std::move(old);
        return std::nullopt;
      }
      return "Only the columns that are used, as was declared, are selected; items do not decide "
             "which rows there are.";
    });
  }
};

} // namespace

RulePtr unneeded_columns() {
  return std::make_unique<UnneededColumns>();
}

} // namespace quill::rewrite
