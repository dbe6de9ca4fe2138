// FROM (SELECT … GROUP BY k) a JOIN (SELECT … GROUP BY k) b ON …
//   →  WITH shared AS MATERIALIZED (SELECT … GROUP BY k) … FROM shared a JOIN shared b ON …
//
// Matches: equal derived tables at two or more places of the statement; a CTE said to be NOT
// MATERIALIZED that is read in two or more places.
// Must hold: the derived tables read no outer block, stand in no CTE, and only the outermost query
// has a WITH (a name inside could mean another table there); at least one of them is more than a
// plain projection, so that there is work to share.
// Why the rows are the same: the same text under the same names gives the same rows.
#include <map>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/subquery.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "repeated-subquery-to-cte", "redundancy",
    "a derived table written twice is computed once, in WITH", "2x measured: the work is done once",
    "a cheap derived table with a filter outside that used to reach into it"};

bool has_inner_with(const sql::Query& tree) {
  bool found = false;
  sql::walk_queries(
      tree, [&](const sql::Query& query) { found |= &query != &tree && !query.with.empty(); });
  return found;
}

bool is_work(const sql::Query& query) {
  const auto* select = query.select();
  return select == nullptr || select->distinct || is_grouped(query) || query.limit ||
         (select->from && std::holds_alternative<sql::Join>(select->from->node));
}

/// Derived tables by their text, those that could be shared.
class SharedTables {
 public:
  SharedTables(sql::Query& tree, const sql::Schema& schema) : tree_(tree) {
    each_block(tree, schema, [&](Block& block) {
      if (!block.select.from || stands_in_cte(block))
        return;
      sql::walk_from(*block.select.from, [&](sql::From& leaf) {
        const auto* derived = std::get_if<sql::Derived>(&leaf.node);
        if (derived != nullptr && !derived->alias.empty() && is_work(*derived->query) &&
            free_columns(*derived->query, schema, &block.scope).empty())
          places_[sql::print_sqlite(*derived->query)].push_back(&leaf);
      });
    });
  }

  bool share() {
    Names names(tree_);
    bool changed = false;
    for (auto& [text, leaves] : places_) {
      if (leaves.size() < 2 || is_inside_shared(leaves))
        continue;
      const auto name = names.fresh("shared");
      share(leaves, name);
      changed = true;
    }
    return changed;
  }

 private:
  static bool stands_in_cte(const Block& block) {
    for (const Block* at = &block; at != nullptr; at = at->outer)
      if (at->place == Place::cte)
        return true;
    return false;
  }

  /// A derived table within one that was shared is gone from its place.
  bool is_inside_shared(const std::vector<sql::From*>& leaves) const {
    for (const auto* leaf : leaves)
      if (gone_.contains(leaf))
        return true;
    return false;
  }

  void share(const std::vector<sql::From*>& leaves, const std::string& name) {
    for (auto* leaf : leaves) {
      auto& derived = std::get<sql::Derived>(leaf->node);
      sql::walk_queries(*derived.query, [&](sql::Query& inner) {
        if (auto* select = inner.select(); select != nullptr && select->from)
          sql::walk_from(*select->from, [&](sql::From& deeper) { gone_.insert(&deeper); });
      });
    }
    auto& first = std::get<sql::Derived>(leaves[0]->node);
    tree_.with.push_back({name, {}, true, std::move(first.query)});
    for (auto* leaf : leaves)
      leaf->node = sql::TableName{"", name, std::get<sql::Derived>(leaf->node).alias};
  }

  sql::Query& tree_;
  std::map<std::string, std::vector<sql::From*>> places_;
  std::set<const sql::From*> gone_;
};

/// CTEs that are read twice are no longer computed twice.
bool materialize(sql::Query& tree, const sql::Schema& schema) {
  bool changed = false;
  for (auto& cte : tree.with) {
    if (cte.materialized != false)
      continue;
    int readers = 0;
    each_block(tree, schema, [&](Block& block) {
      for (const auto& source : block.scope.sources())
        readers += source.query == cte.query.get() ? 1 : 0;
    });
    if (readers > 1) {
      cte.materialized = true;
      changed = true;
    }
  }
  return changed;
}

class RepeatedSubqueryToCte final : public WordedRule {
 public:
  RepeatedSubqueryToCte() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    if (!is_rewritable(subject) || subject.tree->recursive || has_inner_with(*subject.tree))
      return {};
    auto tree = sql::clone(*subject.tree);
    bool changed = materialize(*tree, *subject.schema);
    changed |= SharedTables(*tree, *subject.schema).share();
    if (!changed)
      return {};
    return {proposal(*this, subject, *tree,
                     "A derived table that was written (or computed) more than once is computed "
                     "once and read again; it depends on nothing around it.")};
  }
};

} // namespace

RulePtr repeated_subquery_to_cte() {
  return std::make_unique<RepeatedSubqueryToCte>();
}

} // namespace quill::rewrite
