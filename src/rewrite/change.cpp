#include "rewrite/change.hpp"

#include <utility>

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
  return {proposal(rule, tree, explanation)};
}

} // namespace

bool is_rewritable(const Subject& subject) {
  if (subject.tree == nullptr || sql::is_volatile(*subject.tree))
    return false;
  bool takes_any_rows = false; // LIMIT without ORDER BY: which rows come depends on the plan
  sql::walk_queries(std::as_const(*subject.tree), [&](const sql::Query& query) {
    takes_any_rows |= (query.limit || query.offset) && query.order_by.empty();
  });
  return !takes_any_rows;
}

Proposal proposal(const Rule& rule, const sql::Query& tree, std::string explanation) {
  return {std::string(rule.name()),
          std::string(rule.type()),
          sql::print_sqlite(tree),
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
