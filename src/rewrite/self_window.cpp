#include "rewrite/self_window.hpp"

#include <algorithm>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

bool are_same_rows(const sql::Source& a, const sql::Source& b) {
  return (a.table != nullptr && a.table == b.table) || (a.query != nullptr && a.query == b.query);
}

bool is_order(std::string_view op) {
  return op == "<" || op == "<=" || op == ">" || op == ">=";
}

/// `inner.c op row.c`, the second look on the left.
struct SelfComparison {
  std::string column, op;
  const sql::Source* row;
};

/// Reads conditions one by one into a SelfReference.
class SelfTies {
 public:
  SelfTies(const sql::Source& inner, const sql::Scope& inner_scope, const sql::Scope& outer_scope,
           const sql::Schema& schema)
      : inner_(inner), inner_scope_(inner_scope), outer_scope_(outer_scope), schema_(schema) {}

  bool add(const sql::Expr& condition) {
    if (const auto found = compared(condition)) {
      if (found->op == "=") {
        found_.keys.push_back(found->column);
        return true;
      }
      return is_order(found->op) &&
             set_order({{found->column, found->op[0] == '>'}}, found->op.size() == 2);
    }
    if (reads(condition, inner_scope_, schema_).only(&inner_)) {
      auto filter = sql::has_subquery(condition) ? nullptr : sql::clone(condition);
      filters_.push_back(std::move(filter));
      return filters_.back() != nullptr;
    }
    return add_lexicographic(condition);
  }

  std::optional<SelfReference> take() {
    if (found_.row == nullptr)
      return std::nullopt;
    for (auto& filter : filters_)
      found_.filter =
          sql::both(std::move(found_.filter), of_row(*filter, inner_, inner_scope_, *found_.row));
    return std::move(found_);
  }

 private:
  std::optional<SelfComparison> compared(const sql::Expr& condition) {
    const auto found = comparison(condition);
    const auto* a = found ? found->left->as<sql::Column>() : nullptr;
    const auto* b = found ? found->right->as<sql::Column>() : nullptr;
    if (a == nullptr || b == nullptr || !same_name(a->name, b->name))
      return std::nullopt;
    auto op = found->op;
    if (inner_scope_.find(*a) != &inner_) {
      std::swap(a, b);
      op = flipped(op);
    }
    const auto* row = row_of(*b);
    if (inner_scope_.find(*a) != &inner_ || row == nullptr)
      return std::nullopt;
    return SelfComparison{a->name, op, row};
  }

  /// The block's source with the same rows; the same one for all conditions.
  const sql::Source* row_of(const sql::Column& column) {
    if (inner_scope_.find(column) == &inner_)
      return nullptr;
    if (&inner_scope_ != &outer_scope_ && inner_scope_.find(column) != nullptr)
      return nullptr;
    const auto* row = outer_scope_.find(column);
    if (row == nullptr || row == &inner_ || !are_same_rows(*row, inner_) ||
        (found_.row != nullptr && found_.row != row))
      return nullptr;
    found_.row = row;
    return row;
  }

  bool set_order(std::vector<SelfReference::Order> order, bool inclusive) {
    if (!found_.order.empty())
      return false;
    found_.order = std::move(order);
    found_.inclusive = inclusive;
    return true;
  }

  /// q.v > p.v OR (q.v = p.v AND q.id < p.id)
  bool add_lexicographic(const sql::Expr& condition) {
    const auto* either = condition.as<sql::Binary>();
    if (either == nullptr || either->op != "OR")
      return false;
    const auto first = compared(*either->left);
    const auto rest = sql::conjuncts(either->right.get());
    const auto equal = rest.size() == 2 ? compared(*rest[0]) : std::nullopt;
    const auto second = rest.size() == 2 ? compared(*rest[1]) : std::nullopt;
    if (!first || !equal || !second || equal->op != "=" ||
        !same_name(first->column, equal->column) || !is_order(first->op) || first->op.size() != 1 ||
        !is_order(second->op) || may_be_null(first->column) || may_be_null(second->column))
      return false;
    return set_order({{first->column, first->op == ">"}, {second->column, second->op[0] == '>'}},
                     second->op.size() == 2);
  }

  bool may_be_null(const std::string& name) const {
    return inner_scope_.may_be_null(sql::Expr{sql::Column{inner_.name, name}});
  }

  const sql::Source& inner_;
  const sql::Scope& inner_scope_;
  const sql::Scope& outer_scope_;
  const sql::Schema& schema_;
  SelfReference found_;
  std::vector<sql::ExprPtr> filters_;
};

} // namespace

sql::ExprPtr of_row(const sql::Expr& expr, const sql::Source& inner, const sql::Scope& inner_scope,
                    const sql::Source& row) {
  auto copy = sql::clone(expr);
  each_slot(copy, [&](sql::ExprPtr& part) {
    auto* column = part->as<sql::Column>();
    if (column != nullptr && inner_scope.find(*column) == &inner)
      column->table = row.name;
  });
  return copy;
}

std::optional<SelfReference> self_reference(const std::vector<const sql::Expr*>& conditions,
                                            const sql::Source& inner, const sql::Scope& inner_scope,
                                            const sql::Scope& outer_scope,
                                            const sql::Schema& schema) {
  SelfTies ties(inner, inner_scope, outer_scope, schema);
  for (const auto* condition : conditions)
    if (!ties.add(*condition))
      return std::nullopt;
  return ties.take();
}

std::optional<SelfReference> self_reference(const sql::Query& query, const sql::Scope& outer_scope,
                                            const sql::Schema& schema) {
  const auto* select = query.select();
  if (select == nullptr || !select->from || !select->where ||
      !std::holds_alternative<sql::TableName>(select->from->node))
    return std::nullopt;
  const sql::Scope inner(query, schema, &outer_scope);
  if (inner.sources().size() != 1)
    return std::nullopt;
  return self_reference(sql::conjuncts(select->where.get()), inner.sources()[0], inner, outer_scope,
                        schema);
}

// ---- window columns
// ------------------------------------------------------------------------------

namespace {

bool is_rowid_name(const std::string& name) {
  return same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
}

bool reads_rowid(const sql::Query& query) {
  bool found = false;
  sql::walk(query, [&](const sql::Expr& part) {
    const auto* column = part.as<sql::Column>();
    found |= column != nullptr && is_rowid_name(column->name);
    return sql::Descend::yes;
  });
  return found;
}

bool knows_columns(const sql::Source& source) {
  return !source.columns.empty() &&
         std::none_of(source.columns.begin(), source.columns.end(),
                      [](const std::string& name) { return name.empty(); });
}

bool has_star(const sql::Select& select) {
  return std::any_of(select.items.begin(), select.items.end(),
                     [](const auto& item) { return item.expr->template as<sql::Star>(); });
}

sql::From* find_leaf(sql::From& from, const std::string& name) {
  sql::From* found = nullptr;
  sql::walk_from(from, [&](sql::From& leaf) {
    if (same_name(leaf_name(leaf), name))
      found = &leaf;
  });
  return found;
}

/// Stars become the columns they stand for.
void name_columns(sql::Select& select, const sql::Scope& scope) {
  std::vector<sql::SelectItem> items;
  for (auto& item : select.items) {
    const auto* star = item.expr->as<sql::Star>();
    if (star == nullptr) {
      items.push_back(std::move(item));
      continue;
    }
    for (const auto& source : scope.sources())
      if (star->table.empty() || same_name(star->table, source.name))
        for (const auto& name : source.columns)
          items.push_back({sql::column(source.name, name), ""});
  }
  select.items = std::move(items);
}

} // namespace

bool SelfWindows::can_hold(const sql::Source& row) const {
  const auto& select = block_.select;
  const auto& sources = block_.scope.sources();
  if (row.nullable || row.name.empty() || !select.from || merges_columns(*select.from) ||
      !knows_columns(row) || reads_rowid(block_.query))
    return false;
  if (has_star(select) && !std::all_of(sources.begin(), sources.end(), knows_columns))
    return false;
  const auto same = std::count_if(sources.begin(), sources.end(), [&](const auto& source) {
    return same_name(source.name, row.name);
  });
  auto* leaf = find_leaf(*select.from, row.name);
  return same == 1 && leaf != nullptr && std::holds_alternative<sql::TableName>(leaf->node);
}

sql::ExprPtr SelfWindows::window_call(const SelfReference& look, const sql::Call& aggregate) {
  const auto column = [&](const std::string& name) { return sql::column(look.row->name, name); };
  sql::Call call;
  call.name = aggregate.name;
  call.star = aggregate.star;
  call.over = std::make_unique<sql::Window>();
  for (const auto& key : look.keys)
    call.over->partition_by.push_back(column(key));
  for (const auto& order : look.order)
    call.over->order_by.push_back({column(order.column), order.descending, std::nullopt});
  if (aggregate.distinct) { // count(DISTINCT v) of the values before v: the rank without gaps
    const auto* arg = aggregate.args.size() == 1 ? aggregate.args[0]->as<sql::Column>() : nullptr;
    if (aggregate.name != "count" || arg == nullptr || look.order.size() != 1 || look.filter ||
        aggregate.filter || !same_name(arg->name, look.order[0].column))
      return nullptr;
    call.name = "dense_rank";
    call.over->order_by[0].nulls_first = false;
    auto rank = sql::expr(std::move(call));
    return look.inclusive ? std::move(rank) : sql::binary("-", std::move(rank), sql::integer(1));
  }
  for (const auto& arg : aggregate.args)
    call.args.push_back(sql::clone(arg));
  call.filter = sql::both(sql::clone(look.filter), sql::clone(aggregate.filter));
  for (const auto& order : look.order)
    if (block_.scope.may_be_null(*column(order.column)))
      call.filter =
          sql::both(std::move(call.filter), sql::expr(sql::IsNull{column(order.column), true}));
  if (!look.order.empty() && !look.inclusive)
    call.over->frame = "GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";
  return sql::expr(std::move(call));
}

sql::ExprPtr SelfWindows::guarded(const SelfReference& look, const sql::Call& aggregate,
                                  sql::ExprPtr call) const {
  sql::ExprPtr known;
  const auto add = [&](const std::string& name) {
    auto column = sql::column(look.row->name, name);
    if (block_.scope.may_be_null(*column))
      known = sql::both(std::move(known), sql::expr(sql::IsNull{std::move(column), true}));
  };
  for (const auto& key : look.keys)
    add(key);
  for (const auto& order : look.order)
    add(order.column);
  if (!known)
    return call;
  sql::Case guard;
  guard.branches.push_back({std::move(known), std::move(call)});
  guard.otherwise = value_without_rows(aggregate);
  return sql::expr(std::move(guard));
}

sql::ExprPtr SelfWindows::value(const SelfReference& look, const sql::Call& aggregate) {
  auto call = can_hold(*look.row) ? window_call(look, aggregate) : nullptr;
  if (!call)
    return nullptr;
  auto item = guarded(look, aggregate, std::move(call));
  auto& columns = columns_[look.row];
  auto known = std::find_if(columns.begin(), columns.end(),
                            [&](const auto& one) { return sql::equal(*one.expr, *item); });
  if (known == columns.end()) {
    const auto base = (look.order.empty() ? "group_" : "running_") + column_name(aggregate);
    columns.push_back({std::move(item), names_.fresh(base)});
    known = std::prev(columns.end());
  }
  return sql::column(look.row->name, known->alias);
}

void SelfWindows::install() {
  if (has_star(block_.select))
    name_columns(block_.select, block_.scope);
  for (auto& [row, columns] : columns_) {
    auto* leaf = find_leaf(*block_.select.from, row->name);
    sql::Select select;
    for (const auto& name : columns_read(block_.query, *row))
      select.items.push_back({sql::column(row->name, name), ""});
    for (auto& column : columns)
      select.items.push_back(std::move(column));
    select.from = std::make_unique<sql::From>(std::move(*leaf));
    auto query = std::make_unique<sql::Query>();
    query->body.node = std::move(select);
    leaf->node = sql::Derived{std::move(query), row->name};
  }
}

} // namespace quill::rewrite
