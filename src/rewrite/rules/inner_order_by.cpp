// SELECT … FROM (SELECT … ORDER BY x) t  →  SELECT … FROM (SELECT …) t
//
// Matches: ORDER BY without LIMIT in a derived table, a CTE or a sub-query of an expression.
// Must hold: nothing outside depends on the order of those rows: no LIMIT (which takes ties as they
// come), no group_concat or json_group_*, no window function, no recursion anywhere in the
// statement; the sub-query is not a scalar one (which takes the first row).
// Why the rows are the same: SQL gives the rows of a sub-query no order; only the outermost ORDER
// BY fixes one.
#include "quill/sql/walk.hpp"
#include "rewrite/aggregates.hpp"
#include "rewrite/change.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "inner-order-by", "redundancy", "ORDER BY inside a sub-query without LIMIT is dropped",
    "2x to 9x measured: no sort, and the sub-query can be flattened", "nowhere known"};

bool needs_order(const sql::Expr& part) {
  const auto* call = part.as<sql::Call>();
  return call != nullptr &&
         (call->over || (sql::is_aggregate_name(call->name, call->args.size()) &&
                         aggregate_call(part) == nullptr)); // group_concat, array_agg, first, …
}

bool depends_on_order(const sql::Query& tree) {
  bool depends = false;
  sql::walk(tree, [&](const sql::Expr& part) {
    depends |= needs_order(part);
    return sql::Descend::yes;
  });
  sql::walk_queries(
      tree, [&](const sql::Query& query) { depends |= query.limit != nullptr || query.recursive; });
  return depends;
}

/// The sub-queries whose first row counts.
std::set<const sql::Query*> scalar_queries(const sql::Query& tree) {
  std::set<const sql::Query*> scalars;
  sql::walk(tree, [&](const sql::Expr& part) {
    if (const auto* scalar = part.as<sql::Scalar>())
      scalars.insert(scalar->query.get());
    return sql::Descend::yes;
  });
  return scalars;
}

class InnerOrderBy final : public WordedRule {
 public:
  InnerOrderBy() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    if (!is_rewritable(subject) || depends_on_order(*subject.tree))
      return {};
    auto tree = sql::clone(*subject.tree);
    const auto scalars = scalar_queries(*tree);
    bool changed = false;
    sql::walk_queries(*tree, [&](sql::Query& query) {
      if (&query == tree.get() || query.order_by.empty() || scalars.contains(&query))
        return;
      query.order_by.clear();
      changed = true;
    });
    if (!changed)
      return {};
    return {proposal(*this, subject, *tree,
                     "An ORDER BY inside a sub-query was dropped: nothing outside depends on the "
                     "order of its rows.")};
  }
};

} // namespace

RulePtr inner_order_by() {
  return std::make_unique<InnerOrderBy>();
}

} // namespace quill::rewrite
