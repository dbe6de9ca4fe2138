// SELECT DISTINCT id, name FROM users  →  SELECT id, name FROM users
//
// Matches: SELECT DISTINCT.
// Must hold: no two rows can be equal anyway: a unique key (NOT NULL in every part) of each source
// is among the items, or fixed by equalities with sources whose row is fixed; or there is a
// GROUP BY and all its keys are items. LEFT JOINs may be there, RIGHT and FULL may not.
// Why the rows are the same: DISTINCT takes out only rows that are equal.
#include "rewrite/change.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"redundant-distinct", "redundancy",
                           "DISTINCT over rows that cannot repeat is dropped",
                           "wide or many rows: no second copy of each is kept to compare with",
                           "nowhere; the win is small where few rows come out"};

class RedundantDistinct final : public WordedRule {
 public:
  RedundantDistinct() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [](Block& block) -> std::optional<std::string> {
      if (!block.select.distinct || !gives_no_doubles(block.query, block.scope))
        return std::nullopt;
      block.select.distinct = false;
      return "DISTINCT was dropped: a key of every table is in the output, so no two rows can be "
             "equal.";
    });
  }
};

} // namespace

RulePtr redundant_distinct() {
  return std::make_unique<RedundantDistinct>();
}

} // namespace quill::rewrite
