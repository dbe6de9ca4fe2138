// May an expression be NULL? Yes, unless shown otherwise. (Arithmetic on infinities, inf - inf, is
// left aside.)
#include <algorithm>
#include <array>
#include <string_view>

#include "quill/sql/resolve.hpp"
#include "quill/sql/walk.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

// Each level may look at each of its columns anew.
constexpr int kDepthMax = 6;

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// NULL only when an argument is.
bool is_strict(std::string_view name) {
  static constexpr auto kStrict =
      std::to_array<std::string_view>({"lower", "upper", "length", "trim", "ltrim", "rtrim", "abs",
                                       "round", "substr", "substring", "instr", "replace"});
  return among(kStrict, name);
}

bool is_never_null(std::string_view name) {
  static constexpr auto kNever =
      std::to_array<std::string_view>({"count", "total", "typeof", "quote", "hex", "row_number",
                                       "rank", "dense_rank", "ntile", "percent_rank", "cume_dist"});
  return among(kNever, name);
}

/// `SELECT count(*) …` without GROUP BY: always one row, never NULL.
bool is_count_query(const Query& query) {
  const auto* select = query.select();
  if (!select || select->items.size() != 1 || !select->group_by.empty() || select->having ||
      query.limit || query.offset)
    return false;
  const auto* call = select->items[0].expr->as<Call>();
  return call && !call->over && (call->name == "count" || call->name == "total");
}

/// The expression behind the column `name` of a SELECT; null when it is not one item of its own.
const Expr* item_named(const Select& select, std::string_view name) {
  const Expr* found = nullptr;
  for (const auto& item : select.items) {
    const auto* column = item.expr->as<Column>();
    if (item.expr->as<Star>())
      return nullptr;
    if (!same_name(item.alias.empty() && column ? column->name : item.alias, name))
      continue;
    if (found)
      return nullptr;
    found = item.expr.get();
  }
  return found;
}

} // namespace

bool Scope::may_be_null(const Expr& expr) const {
  const auto any = [this](const std::vector<ExprPtr>& list) {
    return std::ranges::any_of(list, [this](const ExprPtr& item) { return may_be_null(*item); });
  };
  if (const auto* n = expr.as<Literal>())
    return n->kind == Literal::Kind::null;
  if (const auto* n = expr.as<Column>())
    return column_may_be_null(*n);
  if (const auto* n = expr.as<Unary>())
    return may_be_null(*n->arg);
  if (const auto* n = expr.as<Binary>()) {
    if (n->op == "IS" || n->op == "IS NOT")
      return false;
    const bool may_fail = n->op == "/" || n->op == "%" || n->op == "->" || n->op == "->>";
    return may_fail || may_be_null(*n->left) || may_be_null(*n->right);
  }
  if (const auto* n = expr.as<Between>())
    return may_be_null(*n->arg) || may_be_null(*n->low) || may_be_null(*n->high);
  if (const auto* n = expr.as<Match>())
    return may_be_null(*n->arg) || may_be_null(*n->pattern) ||
           (n->escape && may_be_null(*n->escape));
  if (const auto* n = expr.as<InList>())
    return may_be_null(*n->arg) || any(n->items);
  if (expr.as<Exists>() || expr.as<IsNull>())
    return false;
  if (const auto* n = expr.as<Scalar>())
    return !is_count_query(*n->query);
  if (const auto* n = expr.as<Call>())
    return call_may_be_null(*n);
  if (const auto* n = expr.as<Case>())
    return !n->otherwise || may_be_null(*n->otherwise) ||
           std::ranges::any_of(n->branches,
                               [this](const CaseWhen& b) { return may_be_null(*b.then); });
  if (const auto* n = expr.as<Cast>())
    return may_be_null(*n->arg);
  if (const auto* n = expr.as<Collate>())
    return may_be_null(*n->arg);
  return true;
}

bool Scope::call_may_be_null(const Call& call) const {
  const auto nullable = [this](const ExprPtr& arg) { return may_be_null(*arg); };
  if (is_never_null(call.name))
    return false;
  if (call.name == "coalesce" || call.name == "ifnull")
    return std::ranges::all_of(call.args, nullable);
  return !is_strict(call.name) || std::ranges::any_of(call.args, nullable);
}

bool Scope::column_may_be_null(const Column& column) const {
  const auto* source = find(column);
  if (!source || source->nullable)
    return true;
  if (source->table) {
    const auto* declared = source->table->column(column.name);
    return declared && !declared->not_null; // no declared column: the rowid
  }
  // Through a plain derived table. Beside an aggregate over no rows every column is NULL.
  const auto* select = source->query ? source->query->select() : nullptr;
  if (!select || depth_ > kDepthMax)
    return true;
  const bool aggregates = std::ranges::any_of(
      select->items, [](const SelectItem& item) { return has_aggregate(*item.expr); });
  const auto* item = item_named(*select, column.name);
  const auto* call = item ? item->as<Call>() : nullptr;
  const bool counts = call && !call->over && is_never_null(call->name);
  if (!item || (aggregates && select->group_by.empty() && !counts))
    return true;
  Scope ctes(*schema_, outer_);
  ctes.ctes_ = ctes_;
  ctes.depth_ = depth_ + 1;
  const Scope inner(*source->query, *schema_, &ctes);
  return inner.may_be_null(*item);
}

} // namespace quill::sql
