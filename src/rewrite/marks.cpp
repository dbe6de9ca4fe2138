#include "rewrite/marks.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "quill/sql/walk.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/slots.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

void count_joins(const sql::From& from, Marks& out) {
  const auto* join = std::get_if<sql::Join>(&from.node);
  if (join == nullptr) {
    const auto* derived = std::get_if<sql::Derived>(&from.node);
    ++out[derived == nullptr ? "table" : "derived"];
    if (derived != nullptr && is_grouped(*derived->query))
      ++out["grouped-derived"];
    return;
  }
  count_joins(*join->left, out);
  count_joins(*join->right, out);
  ++out[join->kind == sql::Join::Kind::left ? "left-join" : "join"];
}

bool holds_column(const sql::Expr& expr) {
  bool found = false;
  each_expr(expr, [&](const sql::Expr& part) { found |= part.as<sql::Column>() != nullptr; });
  return found;
}

/// A side of a comparison that is more than a column.
void count_side(const sql::Expr& side, Marks& out) {
  if (const auto* call = side.as<sql::Call>(); call != nullptr && holds_column(side))
    ++out[call->name == "coalesce" || call->name == "ifnull" ? "coalesced-column"
                                                             : "function-of-column"];
  if (const auto* binary = side.as<sql::Binary>();
      binary != nullptr && holds_column(side) && !sql::has_subquery(side))
    ++out["arithmetic-on-column"];
  if (const auto* cast = side.as<sql::Cast>(); cast != nullptr && holds_column(side))
    ++out["function-of-column"];
}

void count_expr(const sql::Expr& part, Marks& out) {
  if (const auto* exists = part.as<sql::Exists>())
    ++out[exists->negated ? "not-exists" : "exists"];
  if (const auto* in = part.as<sql::InQuery>())
    ++out[in->negated ? "not-in-query" : "in-query"];
  if (part.as<sql::Scalar>() != nullptr)
    ++out["scalar"];
  if (part.as<sql::InList>() != nullptr)
    ++out["in-list"];
  if (const auto* test = part.as<sql::IsNull>(); test != nullptr && !test->negated)
    ++out["is-null"];
  if (const auto* call = part.as<sql::Call>()) {
    if (call->over)
      ++out["window"];
    else if (sql::is_aggregate_name(call->name, call->args.size()))
      ++out[call->filter ? "filtered-aggregate" : "aggregate"];
  }
  if (part.as<sql::Case>() != nullptr)
    ++out["case"];
  if (const auto* between = part.as<sql::Between>()) {
    ++out["range"];
    count_side(*between->arg, out);
  }
  const auto* binary = part.as<sql::Binary>();
  if (binary == nullptr)
    return;
  if (binary->op == "OR")
    ++out["or"];
  if (is_comparison(binary->op)) {
    count_side(*binary->left, out);
    count_side(*binary->right, out);
    if (binary->op != "=" && binary->op != "<>")
      ++out["range"];
  }
}

void count_body(const sql::Body& body, Marks& out) {
  if (const auto* set = std::get_if<sql::SetOperation>(&body.node)) {
    static constexpr std::array kNames{"union", "intersect", "except"};
    const std::string name = kNames[static_cast<std::size_t>(set->kind)];
    ++out[set->all ? name + "-all" : name];
    count_body(*set->left, out);
    count_body(*set->right, out);
    return;
  }
  const auto* select = std::get_if<sql::Select>(&body.node);
  if (select == nullptr)
    return;
  out["items"] += static_cast<int>(select->items.size());
  out["group-keys"] += static_cast<int>(select->group_by.size());
  out["distinct"] += select->distinct ? 1 : 0;
  out["having"] += static_cast<int>(sql::conjuncts(select->having.get()).size());
  out["where"] += static_cast<int>(sql::conjuncts(select->where.get()).size());
  if (select->from)
    count_joins(*select->from, out);
}

} // namespace

Marks marks(const sql::Query& query) {
  Marks out;
  sql::walk_queries(query, [&](const sql::Query& block) {
    count_body(block.body, out);
    out["cte"] += static_cast<int>(block.with.size());
    out["limit"] += block.limit ? 1 : 0;
    out["offset"] += block.offset ? 1 : 0;
    out[&block == &query ? "order-by" : "inner-order-by"] += block.order_by.empty() ? 0 : 1;
  });
  sql::walk(query, [&](const sql::Expr& part) {
    count_expr(part, out);
    return sql::Descend::yes;
  });
  return out;
}

double distance(const Marks& a, const Marks& b) {
  std::set<std::string> names;
  for (const auto* side : {&a, &b})
    for (const auto& [name, count] : *side)
      names.insert(name);
  const auto of = [](const Marks& side, const std::string& name) {
    const auto found = side.find(name);
    return found == side.end() ? 0 : found->second;
  };
  double sum = 0;
  for (const auto& name : names)
    sum += std::abs(of(a, name) - of(b, name));
  return sum;
}

namespace {

/// What went and what came, and the rule that does so. The first that fits is taken.
struct Sign {
  const char* gone;
  const char* came; ///< "" = nothing need come
  const char* rule;
  const char* type;
};
constexpr Sign kSigns[] = {
    {"scalar", "window", "scalar-aggregate-to-window", "join"},
    {"not-exists", "window", "newer-row-to-window", "join"},
    {"join", "window", "self-join-to-window", "join"},
    {"scalar", "grouped-derived", "scalar-aggregate-to-join", "join"},
    {"scalar", "cte", "scalar-aggregate-to-join", "join"},
    {"scalar", "filtered-aggregate", "scalar-scans-to-one", "redundancy"},
    {"scalar", "case", "scalar-scans-to-one", "redundancy"},
    {"scalar", "exists", "count-to-exists", "join"},
    {"scalar", "in-query", "greatest-per-group-to-in", "join"},
    {"scalar", "left-join", "scalar-aggregate-to-join", "join"},
    {"not-exists", "left-join", "not-exists-to-anti-join", "join"},
    {"not-in-query", "left-join", "not-exists-to-anti-join", "join"},
    {"not-exists", "not-in-query", "exists-to-in", "join"},
    {"left-join", "not-in-query", "anti-join-to-not-in", "join"},
    {"exists", "in-query", "exists-to-in", "join"},
    {"in-query", "exists", "in-to-exists", "join"},
    {"in-query", "join", "in-to-join", "join"},
    {"distinct", "exists", "distinct-join-to-exists", "join"},
    {"join", "exists", "distinct-join-to-exists", "join"},
    {"join", "in-query", "distinct-join-to-in", "join"},
    {"or", "union-all", "or-to-union-all", "join"},
    {"or", "union", "or-to-union-all", "join"},
    {"or", "in-list", "or-chain-to-in", "redundancy"},
    {"union", "union-all", "union-to-union-all", "redundancy"},
    {"function-of-column", "range", "date-function-to-range", "redundancy"},
    {"coalesced-column", "", "coalesce-off-column", "redundancy"},
    {"arithmetic-on-column", "", "arithmetic-off-column", "redundancy"},
    {"having", "where", "having-to-where", "redundancy"},
    {"derived", "cte", "repeated-subquery-to-cte", "redundancy"},
    {"offset", "range", "offset-to-keyset", "limit"},
    {"inner-order-by", "", "inner-order-by", "redundancy"},
    {"distinct", "", "redundant-distinct", "redundancy"},
    {"left-join", "", "unused-left-join", "redundancy"},
    {"join", "grouped-derived", "aggregate-before-join", "join"},
    {"join", "", "foreign-key-join", "redundancy"},
    {"", "limit", "unneeded-rows", "limit"},
    {"items", "", "unneeded-columns", "projection"},
};

} // namespace

ToldChange told_by(const Marks& before, const Marks& after) {
  const auto change = [&](const std::string& name) {
    const auto a = before.find(name);
    const auto b = after.find(name);
    return (b == after.end() ? 0 : b->second) - (a == before.end() ? 0 : a->second);
  };
  for (const auto& sign : kSigns) {
    const std::string gone = sign.gone;
    const std::string came = sign.came;
    if ((!gone.empty() && change(gone) >= 0) || (!came.empty() && change(came) <= 0))
      continue;
    return {sign.rule, sign.type,
            (gone.empty() ? "" : gone + " went") + (gone.empty() || came.empty() ? "" : ", ") +
                (came.empty() ? "" : came + " came") + "."};
  }
  return {};
}

} // namespace quill::rewrite
