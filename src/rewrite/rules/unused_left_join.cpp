// o LEFT JOIN u ON u.id = o.user_id, nothing of u used  →  o
//
// Matches: a base table on the right of a LEFT JOIN that no clause of the block names.
// Must hold: ON equates a whole unique key of it (NOT NULL in every part) with something that does
// not read it, so that a row meets at most one partner; or the block does not mind doubles
// (DISTINCT, min, max, count(DISTINCT …)). No bare star, no NATURAL or USING.
// Why the rows are the same: a LEFT JOIN never drops a row, and with at most one partner never
// repeats one.
#include "rewrite/change.hpp"
#include "rewrite/inner_joins.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/subquery.hpp"
#include "rewrite/uniqueness.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{"unused-left-join", "join",
                           "a LEFT JOIN whose table is not used is removed",
                           "a look-up a row is saved where the planner does not see it by itself",
                           "nowhere; SQLite often removes it on its own, then nothing is won"};

bool remove(Block& block, const sql::Source& source, const sql::Schema& schema) {
  if (source.table == nullptr || merges_columns(*block.select.from))
    return false;
  auto from = sql::clone(*block.select.from);
  const auto taken = take_join(from, source.name);
  if (!taken || taken->kind != sql::Join::Kind::left)
    return false;
  if (!is_key(source, columns_fixed(taken->on.get(), source, block.scope, schema)) &&
      !is_blind_to_duplicates(block.query))
    return false;
  std::swap(block.select.from, from);
  if (!mentions(block.query, source))
    return true;
  std::swap(block.select.from, from);
  return false;
}

class UnusedLeftJoin final : public WordedRule {
 public:
  UnusedLeftJoin() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      bool changed = false;
      if (block.select.from)
        for (const auto& source : block.scope.sources())
          changed |= remove(block, source, *subject.schema);
      if (!changed)
        return std::nullopt;
      return "A LEFT JOIN was removed whose table nothing reads: joined by its unique key it could "
             "neither drop nor repeat a row.";
    });
  }
};

} // namespace

RulePtr unused_left_join() {
  return std::make_unique<UnusedLeftJoin>();
}

} // namespace quill::rewrite
