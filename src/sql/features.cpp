#include "quill/sql/features.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quill/sql/walk.hpp"
#include "sql/children.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

bool holds_column(const Expr& expr) {
  bool found = false;
  walk(
      expr,
      [&](const Expr& e) {
        found = found || e.as<Column>();
        return Descend::yes;
      },
      false);
  return found;
}

/// A comparison that cannot use an index on the bare column.
bool wraps_column(const Expr& side) {
  const bool wraps = side.as<Call>() || side.as<Cast>() || side.as<Binary>() || side.as<Unary>();
  return wraps && holds_column(side);
}

bool is_range_op(const std::string& op) {
  return op == "<" || op == "<=" || op == ">" || op == ">=";
}

bool is_equality_op(const std::string& op) {
  return op == "=" || op == "IS";
}

/// Aliases that FROM trees below `query` declare, lower case.
std::vector<std::string> declared_names(const Query& query) {
  std::vector<std::string> names;
  const auto leaf = [&](const From& from) {
    if (const auto* table = std::get_if<TableName>(&from.node))
      names.push_back(lower(table->alias.empty() ? table->name : table->alias));
    else if (const auto* derived = std::get_if<Derived>(&from.node))
      names.push_back(lower(derived->alias));
    else if (const auto* function = std::get_if<TableFunction>(&from.node))
      names.push_back(lower(function->alias));
  };
  const auto body = [&](const auto& self, const Body& node) -> void {
    if (const auto* select = std::get_if<Select>(&node.node)) {
      if (select->from)
        walk_from(*select->from, leaf);
    } else if (const auto* set = std::get_if<SetOperation>(&node.node)) {
      self(self, *set->left);
      self(self, *set->right);
    }
  };
  walk_queries(query, [&](const Query& block) { body(body, block.body); });
  return names;
}

bool names_an_outer_alias(const Query& query) {
  const auto declared = declared_names(query);
  bool found = false;
  walk(query, [&](const Expr& expr) {
    const auto* column = expr.as<Column>();
    found = found || (column && !column->table.empty() &&
                      std::ranges::find(declared, lower(column->table)) == declared.end());
    return Descend::yes;
  });
  return found;
}

class Counter {
 public:
  void query(const Query& query, int depth) {
    counts_.nesting = std::max(counts_.nesting, depth);
    counts_.ctes += static_cast<int>(query.with.size());
    counts_.order_keys += static_cast<int>(query.order_by.size());
    counts_.limit += query.limit ? 1 : 0;
    body(query.body);
    for_each_clause(
        query, [&](const Expr& child) { expr(child, depth); },
        [&](const Query& child) { this->query(child, depth + 1); });
  }
  [[nodiscard]] Features take() const { return counts_; }

 private:
  void body(const Body& body) {
    if (const auto* node = std::get_if<Select>(&body.node)) {
      select(*node);
    } else if (const auto* set = std::get_if<SetOperation>(&body.node)) {
      ++counts_.set_operations;
      this->body(*set->left);
      this->body(*set->right);
    } else if (std::holds_alternative<Values>(body.node)) {
      ++counts_.blocks;
    }
  }

  void select(const Select& select) {
    ++counts_.blocks;
    counts_.distinct += select.distinct ? 1 : 0;
    counts_.group_keys += static_cast<int>(select.group_by.size());
    condition(select.where);
    condition(select.having);
    if (select.from)
      from(*select.from);
  }

  void condition(const ExprPtr& expr) {
    counts_.conjuncts += static_cast<int>(conjuncts(expr.get()).size());
  }

  void from(const From& tree) {
    if (const auto* join = std::get_if<Join>(&tree.node)) {
      ++counts_.joins;
      condition(join->on);
      from(*join->left);
      from(*join->right);
    } else if (std::holds_alternative<TableName>(tree.node)) {
      ++counts_.tables;
    }
  }

  void expr(const Expr& node, int depth) {
    ++counts_.expressions;
    if (const auto* n = node.as<Binary>())
      binary(*n);
    else if (const auto* c = node.as<Call>())
      call(*c);
    else if (const auto* b = node.as<Between>())
      ++counts_.ranges, wrapped(*b->arg);
    else if (const auto* m = node.as<Match>())
      ++counts_.likes, wrapped(*m->arg);
    else if (const auto* i = node.as<InList>())
      ++counts_.in_lists, wrapped(*i->arg);
    counts_.stars += node.as<Star>() ? 1 : 0;
    counts_.columns += node.as<Column>() ? 1 : 0;
    for_each_child(
        node, [&](const Expr& child) { expr(child, depth); },
        [&](const Query& child) { subquery(child, depth); });
  }

  void subquery(const Query& query, int depth) {
    ++counts_.subqueries;
    counts_.correlated_hint += names_an_outer_alias(query) ? 1 : 0;
    this->query(query, depth + 1);
  }

  void binary(const Binary& n) {
    counts_.disjuncts += n.op == "OR" ? 1 : 0;
    counts_.equalities += is_equality_op(n.op) ? 1 : 0;
    counts_.ranges += is_range_op(n.op) ? 1 : 0;
    if (is_equality_op(n.op) || is_range_op(n.op) || n.op == "<>" || n.op == "IS NOT")
      wrapped(*n.left), wrapped(*n.right);
  }

  void call(const Call& n) {
    counts_.windows += n.over ? 1 : 0;
    counts_.distinct += n.distinct ? 1 : 0;
    if (!n.over && (n.star || is_aggregate_name(n.name, n.args.size())))
      ++counts_.aggregates;
  }

  void wrapped(const Expr& side) { counts_.function_on_column += wraps_column(side) ? 1 : 0; }

  Features counts_;
};

} // namespace

std::vector<double> Features::vector() const {
  std::vector<double> result;
  for (const int count : {blocks,
                          nesting,
                          joins,
                          tables,
                          ctes,
                          set_operations,
                          subqueries,
                          correlated_hint,
                          aggregates,
                          windows,
                          group_keys,
                          order_keys,
                          conjuncts,
                          disjuncts,
                          equalities,
                          ranges,
                          likes,
                          in_lists,
                          function_on_column,
                          stars,
                          columns,
                          distinct,
                          limit,
                          expressions})
    result.push_back(count);
  return result;
}

Features features(const Query& query) {
  Counter counter;
  counter.query(query, 0);
  return counter.take();
}

double similarity(const Features& a, const Features& b) {
  auto x = a.vector();
  auto y = b.vector();
  const auto damp = [](double count) { return std::log1p(count); };
  std::ranges::transform(x, x.begin(), damp);
  std::ranges::transform(y, y.begin(), damp);
  const double xx = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  const double yy = std::inner_product(y.begin(), y.end(), y.begin(), 0.0);
  if (xx == 0 || yy == 0)
    return xx == yy ? 1 : 0;
  if (x == y)
    return 1;
  const double xy = std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  return std::clamp(xy / std::sqrt(xx * yy), 0.0, 1.0);
}

} // namespace quill::sql
