#include "judge/tie_rank.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>
#include <vector>

#include "quill/sql/name.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

namespace quill::judge {

namespace {

using sql::same_name;

using sql::ExprPtr;
using sql::OrderTerm;
using sql::Query;
using sql::Select;

/// The SELECT whose items name the answer's columns: of a compound the first one.
Select* naming_select(sql::Body& body) {
  while (auto* set = std::get_if<sql::SetOperation>(&body.node))
    return naming_select(*set->left);
  return std::get_if<Select>(&body.node);
}

bool has_star(const Select& select) {
  return std::any_of(select.items.begin(), select.items.end(), [](const auto& item) {
    return item.expr->template as<sql::Star>() != nullptr;
  });
}

std::optional<std::size_t> position(const sql::Expr& expr) {
  const auto* literal = expr.as<sql::Literal>();
  if (literal == nullptr || literal->kind != sql::Literal::Kind::integer)
    return std::nullopt;
  std::size_t value = 0;
  const auto& text = literal->text;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value == 0)
    return std::nullopt;
  return value - 1;
}

/// Rewrites the order terms of one query so that they can be said from outside of it.
class OutsideOrder {
 public:
  /// `inner` is changed: its order and limit go, columns without a name get one.
  explicit OutsideOrder(Query& inner)
      : select_(naming_select(inner.body)), plain_(inner.select() != nullptr) {}

  std::optional<std::vector<OrderTerm>> of(const std::vector<OrderTerm>& terms) {
    if (select_ == nullptr)
      return std::nullopt;
    star_ = has_star(*select_);
    plain_ = plain_ && !select_->distinct;
    std::vector<OrderTerm> out;
    for (const auto& term : terms) {
      auto key = outside(*term.expr);
      if (!key)
        return std::nullopt;
      out.push_back(
          {.expr = std::move(key), .descending = term.descending, .nulls_first = term.nulls_first});
    }
    for (auto& extra : extras_)
      select_->items.push_back(std::move(extra));
    return out;
  }

 private:
  ExprPtr outside(const sql::Expr& key) {
    if (const auto* collate = key.as<sql::Collate>()) {
      auto inner = outside(*collate->arg);
      return inner ? sql::expr(sql::Collate{std::move(inner), collate->collation}) : nullptr;
    }
    if (const auto item = item_of(key))
      return item_outside(*item);
    if (position(key) || !plain_)
      return star_column(key);
    return names_an_alias(key) ? nullptr : extra(sql::clone(key));
  }

  /// SQLite's reading: a number is a position, a bare name an alias first, else an equal
  /// expression.
  std::optional<std::size_t> item_of(const sql::Expr& key) const {
    const auto& items = select_->items;
    if (const auto place = position(key)) {
      for (std::size_t i = 0; i <= *place && i < items.size(); ++i)
        if (items[i].expr->as<sql::Star>() != nullptr)
          return std::nullopt;
      return *place < items.size() ? place : std::nullopt;
    }
    const auto* column = key.as<sql::Column>();
    const bool bare = column != nullptr && column->table.empty();
    for (std::size_t i = 0; bare && i < items.size(); ++i)
      if (same_name(items[i].alias, column->name))
        return i;
    for (std::size_t i = 0; i < items.size(); ++i)
      if (sql::equal(*items[i].expr, key) || (bare && !plain_ && is_column(items[i], column->name)))
        return i;
    return std::nullopt;
  }

  static bool is_column(const sql::SelectItem& item, std::string_view name) {
    const auto* column = item.expr->as<sql::Column>();
    return item.alias.empty() && column != nullptr && same_name(column->name, name);
  }

  /// An item by its name, which must be the only one; beside a star nothing is known to be unique.
  ExprPtr item_outside(std::size_t at) {
    auto& item = select_->items[at];
    if (star_)
      return plain_ ? extra(sql::clone(item.expr)) : nullptr;
    if (item.alias.empty()) {
      const auto* column = item.expr->as<sql::Column>();
      item.alias = column ? column->name : "quill_column_" + std::to_string(at + 1);
    }
    const auto uses = std::count_if(select_->items.begin(), select_->items.end(), [&](auto& other) {
      return same_name(other.alias, item.alias) || is_column(other, item.alias);
    });
    return uses == 1 ? sql::column("", item.alias) : nullptr;
  }

  /// DISTINCT * or UNION over stars: a bare column name that prepares there is one of its columns.
  ExprPtr star_column(const sql::Expr& key) const {
    const auto* column = key.as<sql::Column>();
    const bool only_star = star_ && select_->items.size() == 1;
    return only_star && column != nullptr && column->table.empty() ? sql::column("", column->name)
                                                                   : nullptr;
  }

  /// Inside a larger expression SQLite takes a FROM column before an alias; which one is meant
  /// cannot be told here.
  [[nodiscard]] bool names_an_alias(const sql::Expr& key) const {
    bool found = false;
    sql::walk(key, [&](const sql::Expr& part) {
      const auto* column = part.as<sql::Column>();
      for (const auto& item : select_->items)
        found = found ||
                (column != nullptr && column->table.empty() && same_name(item.alias, column->name));
      return sql::Descend::yes;
    });
    return found;
  }

  ExprPtr extra(ExprPtr expr) {
    auto name = "quill_key_" + std::to_string(extras_.size() + 1);
    extras_.push_back({.expr = std::move(expr), .alias = name});
    return sql::column("", std::move(name));
  }

  Select* select_;
  bool plain_; ///< one SELECT without DISTINCT: an extra column changes nothing
  bool star_ = false;
  std::vector<sql::SelectItem> extras_;
};

ExprPtr rank_over(std::vector<OrderTerm> terms) {
  sql::Call rank{.name = "dense_rank",
                 .args = {},
                 .star = false,
                 .distinct = false,
                 .filter = nullptr,
                 .over = std::make_unique<sql::Window>()};
  rank.over->order_by = std::move(terms);
  return sql::expr(std::move(rank));
}

} // namespace

std::optional<std::string> with_tie_rank(const Query& before, sql::Dialect dialect,
                                         const std::vector<std::string>& columns) {
  auto inner = sql::clone(before);
  const auto terms = std::exchange(inner->order_by, {});
  inner->limit.reset();
  inner->offset.reset();
  auto outside = OutsideOrder(*inner).of(terms);
  if (!outside)
    return std::nullopt;

  Select ranked;
  if (columns.empty())
    ranked.items.push_back({.expr = sql::expr(sql::Star{}), .alias = ""});
  for (const auto& name : columns)
    ranked.items.push_back({.expr = sql::column("", name), .alias = ""});
  ranked.items.push_back({.expr = rank_over(std::move(*outside)), .alias = "quill_rank"});
  ranked.from = sql::from(sql::Derived{.query = std::move(inner), .alias = "quill_rows"});
  Query outer;
  outer.body.node = std::move(ranked);
  outer.order_by.push_back(
      {.expr = sql::column("", "quill_rank"), .descending = false, .nulls_first = std::nullopt});
  return sql::print(outer, dialect);
}

} // namespace quill::judge
