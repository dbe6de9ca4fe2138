// needs.top = 10:  … ORDER BY amount DESC  →  … ORDER BY amount DESC LIMIT 10
//
// Matches: a statement with ORDER BY whose user said that only the first n rows matter.
// Must hold: `needs.top` was declared (by the user or a seed example, never by a proposer); there
// is no LIMIT yet, or a larger literal one, and no OFFSET. Why the rows are the same: the first n
// rows under the same order are the ones that were asked for.
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/rules.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"unneeded-rows", "limit", "LIMIT is added where only the top n are used",
                           "sorts keep n rows, and an index in that order stops the scan after n",
                           "nowhere; it applies only where the user declared it"};

class UnneededRows final : public WordedRule {
 public:
  UnneededRows() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    if (!is_rewritable(subject) || !subject.needs.top || *subject.needs.top < 0)
      return {};
    auto tree = sql::clone(*subject.tree);
    const auto limit = tree->limit ? integer_value(*tree->limit) : std::nullopt;
    if (tree->order_by.empty() || tree->offset || (tree->limit && !limit) ||
        (limit && *limit >= 0 && *limit <= *subject.needs.top))
      return {};
    tree->limit = sql::integer(*subject.needs.top);
    return {proposal(*this, subject, *tree,
                     "Only the first rows are used, as was declared, so LIMIT says it: the order "
                     "is the same, and the rest is not sorted or fetched.")};
  }
};

} // namespace

RulePtr unneeded_rows() {
  return std::make_unique<UnneededRows>();
}

} // namespace quill::rewrite
