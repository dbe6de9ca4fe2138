// c = 1 OR c = 2 OR c = 3  →  c IN (1, 2, 3)
//
// Matches: an OR whose arms compare one and the same expression (a column, or a function of one)
// with literals by =, or by IN over literals.
// Must hold: the arms hold the same expression, without a sub-query; the other sides are literals
// (an expression could have an affinity or a collation of its own; a literal has none).
// Why the rows are the same: SQLite evaluates `x IN (a, b)` as `x = +a OR x = +b`, and a literal
// has no affinity, so each comparison stays what it was, NULLs included
// (https://www.sqlite.org/datatype3.html, 4.2).
#include <algorithm>
#include <map>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/slot_rule.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "or-chain-to-in", "redundancy", "an OR chain over one expression becomes one IN list",
    "functions of a column: computed once a row instead of once an arm; one index search list",
    "a bare column with two or three arms: nothing to win"};

constexpr const char* kWhy =
    "The OR chain over one expression became an IN list: SQLite defines x IN (a, b) as "
    "x = a OR x = b, so each row is judged as before.";

void disjuncts(sql::ExprPtr expr, std::vector<sql::ExprPtr>& out) {
  auto* logic = expr->as<sql::Binary>();
  if (logic == nullptr || logic->op != "OR") {
    out.push_back(std::move(expr));
    return;
  }
  auto left = std::move(logic->left);
  auto right = std::move(logic->right);
  disjuncts(std::move(left), out);
  disjuncts(std::move(right), out);
}

/// The literals an arm allows for its left side, or nothing.
struct Choice {
  const sql::Expr* left;
  std::vector<sql::ExprPtr> literals;
};

bool may_lead(const sql::Expr& left) {
  return !is_literal(left) && !sql::has_subquery(left) && left.as<sql::RowValue>() == nullptr;
}

std::optional<Choice> choice(const sql::Expr& arm) {
  if (const auto* in = arm.as<sql::InList>(); in != nullptr && !in->negated) {
    Choice found{in->arg.get(), {}};
    for (const auto& item : in->items)
      if (is_literal(*item))
        found.literals.push_back(sql::clone(item));
    const bool all = found.literals.size() == in->items.size();
    return all && may_lead(*found.left) ? std::optional(std::move(found)) : std::nullopt;
  }
  const auto equal = comparison_with_literal(arm);
  if (!equal || equal->op != "=" || !may_lead(*equal->left))
    return std::nullopt;
  Choice found{equal->left, {}};
  found.literals.push_back(sql::clone(*equal->right));
  return found;
}

void add_new(std::vector<sql::ExprPtr>& items, std::vector<sql::ExprPtr> more) {
  for (auto& item : more) {
    const auto same = [&](const sql::ExprPtr& old) { return sql::equal(*old, *item); };
    if (std::none_of(items.begin(), items.end(), same))
      items.push_back(std::move(item));
  }
}

/// Puts arms over one column together; true when any two met.
bool merge(std::vector<sql::ExprPtr>& arms) {
  std::map<std::string, std::size_t> first; // left side → arm that collects
  std::vector<sql::ExprPtr> out;
  bool merged = false;
  for (auto& arm : arms) {
    auto found = choice(*arm);
    const auto key = found ? sql::print_sqlite(*found->left) : std::string();
    const auto known = found ? first.find(key) : first.end();
    if (!found || known == first.end()) {
      if (found)
        first[key] = out.size();
      out.push_back(std::move(arm));
      continue;
    }
    auto& collector = out[known->second];
    auto collected = choice(*collector);
    sql::InList list{sql::clone(*found->left), std::move(collected->literals), false};
    add_new(list.items, std::move(found->literals));
    collector = sql::expr(std::move(list));
    merged = true;
  }
  arms = std::move(out);
  return merged;
}

sql::ExprPtr merged_chain(const sql::Expr& part, const Block&, const Subject&) {
  const auto* logic = part.as<sql::Binary>();
  if (logic == nullptr || logic->op != "OR")
    return nullptr;
  auto whole = sql::clone(part);
  std::vector<sql::ExprPtr> arms;
  disjuncts(std::move(whole), arms);
  if (!merge(arms))
    return nullptr;
  sql::ExprPtr chain = std::move(arms[0]);
  for (std::size_t i = 1; i < arms.size(); ++i)
    chain = sql::binary("OR", std::move(chain), std::move(arms[i]));
  return chain;
}

} // namespace

RulePtr or_chain_to_in() {
  return slot_rule(kWords, Slots::all, merged_chain, kWhy);
}

} // namespace quill::rewrite
