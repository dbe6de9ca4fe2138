#include "rewrite/slot_rule.hpp"

#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

using SlotVisit = std::function<void(sql::ExprPtr&)>;

bool is_shown(Slots slots, Clause clause) {
  const bool filters = clause == Clause::where || clause == Clause::on;
  return slots == Slots::all || filters ||
         (slots == Slots::filters_and_items && clause == Clause::item);
}

void each_shown(Block& block, Slots slots, const SlotVisit& visit) {
  if (slots == Slots::where_truths || slots == Slots::qualified_where_truths)
    return each_truth(block.select.where, visit);
  each_clause(block.query, [&](Clause clause, sql::ExprPtr& slot) {
    if (!is_shown(slots, clause))
      return;
    if (slots == Slots::filter_truths)
      each_truth(slot, visit);
    else
      each_slot(slot, visit);
  });
}

class SlotRule final : public WordedRule {
 public:
  SlotRule(const RuleWords& words, Slots slots, Replacement replacement, const char* why)
      : WordedRule(words), slots_(slots), replacement_(replacement), why_(why) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    const auto change = [&](Block& block) { return replaced(block, subject); };
    return slots_ == Slots::qualified_where_truths ? change_qualified_blocks(*this, subject, change)
                                                   : change_blocks(*this, subject, change);
  }

 private:
  std::optional<std::string> replaced(Block& block, const Subject& subject) const {
    bool changed = false;
    each_shown(block, slots_, [&](sql::ExprPtr& slot) {
      auto other = replacement_(*slot, block, subject);
      changed |= other != nullptr;
      if (other)
        slot = std::move(other);
    });
    return changed ? std::optional<std::string>(why_) : std::nullopt;
  }

  Slots slots_;
  Replacement replacement_;
  const char* why_;
};

} // namespace

RulePtr slot_rule(const RuleWords& words, Slots slots, Replacement replacement, const char* why) {
  return std::make_unique<SlotRule>(words, slots, replacement, why);
}

} // namespace quill::rewrite
