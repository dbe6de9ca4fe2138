// SELECT id, 'a' … UNION SELECT id, 'b' …  →  … UNION ALL …
//
// Matches: a UNION (or a chain of them) of SELECTs.
// Must hold: no arm repeats a row (a key of each of its sources is given, or it is DISTINCT), and
// no row can be in two arms: in some column they hold different literals, as items or by equalities
// in WHERE; or they read the same FROM, give its key, and filter by contradicting equalities.
// Why the rows are the same: UNION then finds no doubles to take out.
#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/disjoint.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"union-to-union-all", "redundancy",
                           "UNION whose arms cannot share a row becomes UNION ALL",
                           "many rows: no second copy of each to compare with",
                           "small answers: nothing to win (1x to 1.2x measured)"};

bool repeats_no_row(const SetArms& set, const sql::Schema& schema) {
  for (const auto& arm : set.arms) {
    const sql::Scope scope(*arm, schema);
    if (!arm->select()->distinct && !gives_no_doubles(*arm, scope))
      return false;
  }
  return true;
}

/// Over one FROM with its key given on the same places, a row can be in two arms only if it passes
/// both filters.
bool same_rows_filtered_apart(const SetArms& set, const sql::Schema& schema) {
  const auto& first = *set.arms[0]->select();
  for (const auto& arm : set.arms) {
    const auto& select = *arm->select();
    if (from_text(select) != from_text(first) || select.items.size() != first.items.size())
      return false;
    for (std::size_t i = 0; i < first.items.size(); ++i)
      if (!sql::equal(*select.items[i].expr, *first.items[i].expr))
        return false;
    if (select.distinct || !select.group_by.empty())
      return false;
  }
  return are_disjoint_filters(set, sql::Scope(*set.arms[0], schema));
}

bool are_disjoint(const SetArms& set, const sql::Schema& schema) {
  if (same_rows_filtered_apart(set, schema))
    return true;
  for (std::size_t i = 0; i < set.arms.size(); ++i)
    for (std::size_t j = i + 1; j < set.arms.size(); ++j)
      if (!are_disjoint_outputs(*set.arms[i], *set.arms[j], schema))
        return false;
  return true;
}

bool keep_all(sql::Query& query, const sql::Schema& schema) {
  auto set = set_arms(query);
  if (!set || set->kind != sql::SetOperation::Kind::union_ || set->all ||
      !repeats_no_row(*set, schema) || !are_disjoint(*set, schema))
    return false;
  set->all = true;
  query.body = set_body(std::move(*set));
  return true;
}

class UnionToUnionAll final : public WordedRule {
 public:
  UnionToUnionAll() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    if (!is_rewritable(subject) || has_ctes(*subject.tree))
      return {};
    auto tree = sql::clone(*subject.tree);
    bool changed = false;
    sql::walk_queries(*tree,
                      [&](sql::Query& query) { changed |= keep_all(query, *subject.schema); });
    if (!changed)
      return {};
    return {proposal(*this, subject, *tree,
                     "UNION became UNION ALL: no arm repeats a row and no row can be in two of "
                     "them, so there are no doubles to take out.")};
  }
};

} // namespace

RulePtr union_to_union_all() {
  return std::make_unique<UnionToUnionAll>();
}

} // namespace quill::rewrite
