#include "quill/sql/walk.hpp"

#include <algorithm>
#include <array>

#include "sql/children.hpp"
#include "sql/keywords.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

template <class E, class Visit> void walk_expr(E& expr, const Visit& visit, bool into_queries);

template <class Q, class Visit> void walk_query(Q& query, const Visit& visit, bool into_queries) {
  for_each_clause(
      query, [&](auto& child) { walk_expr(child, visit, into_queries); },
      [&](auto& child) {
        if (into_queries)
          walk_query(child, visit, into_queries);
      });
}

template <class E, class Visit> void walk_expr(E& expr, const Visit& visit, bool into_queries) {
  if (visit(expr) == Descend::no)
    return;
  for_each_child(
      expr, [&](auto& child) { walk_expr(child, visit, into_queries); },
      [&](auto& child) {
        if (into_queries)
          walk_query(child, visit, into_queries);
      });
}

template <class E, class Visit> void queries_below(E& expr, const Visit& visit);

template <class Q, class Visit> void queries_of(Q& query, const Visit& visit) {
  visit(query);
  for_each_clause(
      query, [&](auto& child) { queries_below(child, visit); },
      [&](auto& child) { queries_of(child, visit); });
}

template <class E, class Visit> void queries_below(E& expr, const Visit& visit) {
  for_each_child(
      expr, [&](auto& child) { queries_below(child, visit); },
      [&](auto& child) { queries_of(child, visit); });
}

template <class F, class Leaf> void leaves(F& from, const Leaf& leaf) {
  if (auto* join = std::get_if<Join>(&from.node)) {
    leaves(*join->left, leaf);
    leaves(*join->right, leaf);
  } else {
    leaf(from);
  }
}

template <class Test> bool any_expr(const Expr& expr, const Test& test) {
  bool found = false;
  walk(
      expr,
      [&](const Expr& e) {
        found = found || test(e);
        return found ? Descend::no : Descend::yes;
      },
      false);
  return found;
}

bool is_subquery(const Expr& expr) {
  return expr.as<Scalar>() || expr.as<Exists>() || expr.as<InQuery>();
}

bool is_aggregate_call(const Expr& expr) {
  const auto* node = expr.as<Call>();
  return node && !node->over &&
         (node->star || node->within_group || !node->order_by.empty() || node->filter ||
          is_aggregate_name(node->name, node->args.size()));
}

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::any_of(names, [&](auto known) { return same_name(known, name); });
}

bool is_volatile_name(std::string_view name) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"random", "randomblob", "changes", "total_changes", "last_insert_rowid", "now",
       "clock_timestamp", "statement_timestamp", "timeofday", "gen_random_uuid", "uuid", "nextval",
       "setseed"});
  return among(kNames, name);
}

// Without a time they read the clock too: date() is date('now').
bool is_clock_call(const Call& node) {
  static constexpr auto kClock = std::to_array<std::string_view>(
      {"date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff"});
  if (!among(kClock, node.name))
    return false;
  const std::size_t formats = same_name(node.name, "strftime") ? 1 : 0;
  return node.args.size() <= formats || std::ranges::any_of(node.args, [](const ExprPtr& arg) {
           const auto* literal = arg->as<Literal>();
           return literal && literal->kind == Literal::Kind::string &&
                  (same_name(literal->text, "now") || same_name(literal->text, "localtime") ||
                   same_name(literal->text, "utc"));
         });
}

bool is_common_from(const From& from) {
  if (const auto* join = std::get_if<Join>(&from.node))
    return is_common_from(*join->left) && is_common_from(*join->right);
  if (const auto* table = std::get_if<TableName>(&from.node))
    return table->hint.empty() && table->columns.empty() && !table->only;
  const auto* derived = std::get_if<Derived>(&from.node);
  return derived && derived->columns.empty() && !derived->lateral;
}

bool is_common_body(const Body& body) {
  if (const auto* select = std::get_if<Select>(&body.node))
    return select->distinct_on.empty() && (!select->from || is_common_from(*select->from));
  if (const auto* set = std::get_if<SetOperation>(&body.node))
    return (!set->all || set->kind == SetOperation::Kind::union_) && is_common_body(*set->left) &&
           is_common_body(*set->right);
  return std::holds_alternative<Values>(body.node);
}

bool is_common_node(const Expr& expr) {
  if (const auto* call = expr.as<Call>())
    return call->order_by.empty() && !call->variadic && call->schema.empty();
  if (const auto* in = expr.as<InList>())
    return !in->items.empty();
  return !expr.as<Quantified>() && !expr.as<Array>() && !expr.as<Access>() &&
         !expr.as<NamedArgument>() && !expr.as<GroupingSet>();
}

} // namespace

void walk(const Expr& expr, const std::function<Descend(const Expr&)>& visit, bool into_queries) {
  walk_expr(expr, visit, into_queries);
}
void walk(Expr& expr, const std::function<Descend(Expr&)>& visit, bool into_queries) {
  walk_expr(expr, visit, into_queries);
}
void walk(const Query& query, const std::function<Descend(const Expr&)>& visit, bool into_queries) {
  for_each_clause(
      query, [&](const Expr& child) { walk_expr(child, visit, into_queries); },
      [&](const Query& child) {
        if (into_queries)
          walk_query(child, visit, into_queries);
      });
}
void walk(Query& query, const std::function<Descend(Expr&)>& visit, bool into_queries) {
  walk_query(query, visit, into_queries);
}

void walk_queries(const Query& query, const std::function<void(const Query&)>& visit) {
  queries_of(query, visit);
}
void walk_queries(Query& query, const std::function<void(Query&)>& visit) {
  queries_of(query, visit);
}

void walk_from(const From& from, const std::function<void(const From&)>& leaf) {
  leaves(from, leaf);
}
void walk_from(From& from, const std::function<void(From&)>& leaf) {
  leaves(from, leaf);
}

bool has_aggregate(const Expr& expr) {
  return any_expr(expr, is_aggregate_call);
}

bool has_window(const Expr& expr) {
  return any_expr(expr, [](const Expr& e) { return e.as<Call>() && e.as<Call>()->over; });
}

bool has_subquery(const Expr& expr) {
  return any_expr(expr, is_subquery);
}

bool is_aggregate_name(std::string_view function, std::size_t args) {
  static constexpr auto kAlways = std::to_array<std::string_view>(
      {"count", "sum", "total", "avg", "group_concat", "string_agg", "json_group_array",
       "json_group_object", "jsonb_group_array", "jsonb_group_object",
       // PostgreSQL's and DuckDB's
       "array_agg", "json_agg", "jsonb_agg", "bool_and", "bool_or", "every", "bit_and", "bit_or",
       "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "corr",
       "covar_pop", "covar_samp", "percentile_cont", "percentile_disc", "median", "quantile_cont",
       "any_value", "arg_min", "arg_max", "approx_count_distinct", "json_object_agg",
       "jsonb_object_agg", "xmlagg", "range_agg", "bit_xor", "mode", "first", "last", "list",
       "listagg", "arbitrary", "argmin", "argmax", "min_by", "max_by", "product", "histogram",
       "fsum", "favg", "quantile", "quantile_disc", "mad", "entropy", "kurtosis", "skewness"});
  if (same_name(function, "min") || same_name(function, "max"))
    return args == 1;
  return among(kAlways, function);
}

bool is_common(const Query& query) {
  bool common = true;
  walk_queries(query, [&](const Query& block) {
    common = common && !block.with_ties && is_common_body(block.body);
  });
  walk(query, [&](const Expr& expr) {
    common = common && is_common_node(expr);
    return common ? Descend::yes : Descend::no;
  });
  return common;
}

bool is_volatile(const Query& query) {
  bool found = false;
  walk(query, [&](const Expr& expr) {
    const auto* node = expr.as<Call>();
    found = found || (node && (is_volatile_name(node->name) || is_clock_call(*node) ||
                               (node->in_words && is_bare_call(node->name))));
    return found ? Descend::no : Descend::yes;
  });
  return found;
}

} // namespace quill::sql
