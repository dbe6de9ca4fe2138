#include "rewrite/change.hpp"

#include <set>

#include "quill/sql/parse.hpp"
#include "quill/sql/walk.hpp"

namespace quill::rewrite {

namespace {

std::vector<Proposal> change_tree(const Rule& rule, const Subject& subject, sql::Query& tree,
                                  const Change& change) {
  std::string explanation;
  each_block(tree, *subject.schema, [&](Block& block) {
    const auto words = change(block);
    if (words && explanation.find(*words) == std::string::npos)
      explanation += (explanation.empty() ? "" : " ") + *words;
  });
  if (explanation.empty())
    return {};
  return {proposal(rule, subject, tree, explanation)};
}

/// LIMIT without ORDER BY: which rows come depends on the plan (EXISTS does not mind).
bool takes_any_rows(const sql::Query& tree) {
  std::set<const sql::Query*> tested;
  sql::walk(tree, [&](const sql::Expr& part) {
    if (const auto* exists = part.as<sql::Exists>())
      tested.insert(exists->query.get());
    return sql::Descend::yes;
  });
  bool found = false;
  sql::walk_queries(tree, [&](const sql::Query& query) {
    found |= (query.limit || query.offset) && query.order_by.empty() && !tested.contains(&query);
  });
  return found;
}

} // namespace

bool is_rewritable(const Subject& subject) {
  return subject.tree != nullptr && !sql::is_volatile(*subject.tree) &&
         !takes_any_rows(*subject.tree);
}

Proposal proposal(const Rule& rule, const Subject& subject, const sql::Query& tree,
                  std::string explanation) {
  return {std::string(rule.name()),
          std::string(rule.type()),
          sql::print(tree, subject.dialect),
          {},
          std::move(explanation)};
}

std::vector<Proposal> change_blocks(const Rule& rule, const Subject& subject,
                                    const Change& change) {
  if (!is_rewritable(subject))
    return {};
  auto tree = sql::clone(*subject.tree);
  return change_tree(rule, subject, *tree, change);
}

std::vector<Proposal> change_qualified_blocks(const Rule& rule, const Subject& subject,
                                              const Change& change) {
  if (!is_rewritable(subject))
    return {};
  auto tree = sql::clone(*subject.tree);
  qualify(*tree, *subject.schema);
  return change_tree(rule, subject, *tree, change);
}

} // namespace quill::rewrite
