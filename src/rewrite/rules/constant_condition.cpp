// WHERE (a = 1 OR FALSE) AND 1 = 1  →  WHERE a = 1
//
// Matches: in WHERE, HAVING and inner ON: an OR with a side that is a false constant, an AND with a
// side that is a true one, a comparison of two integer literals.
// Must hold: constants are integer literals or TRUE and FALSE; nothing is done where a whole
// condition would become constant by a column (x OR TRUE stays).
// Why the rows are the same: x OR false and x AND true are x, for NULL as well, as far as a
// condition asks.
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "constant-condition", "redundancy", "conditions that are always true or never true are dropped",
    "OR FALSE keeps SQLite from seeing the condition beside it; other rules see it then",
    "nowhere"};

/// true or false where the expression is a constant that asks nothing; nullopt else.
std::optional<bool> constant(const sql::Expr& expr) {
  if (const auto* literal = expr.as<sql::Literal>();
      literal && literal->kind == sql::Literal::Kind::boolean)
    return literal->text == "true";
  if (const auto number = integer_value(expr))
    return *number != 0;
  const auto* equal = expr.as<sql::Binary>();
  const auto a = equal ? integer_value(*equal->left) : std::nullopt;
  const auto b = equal ? integer_value(*equal->right) : std::nullopt;
  if (!a || !b || (equal->op != "=" && equal->op != "<>"))
    return std::nullopt;
  return (*a == *b) == (equal->op == "=");
}

/// Drops what asks nothing; true when something went.
bool simplify(sql::ExprPtr& condition) {
  auto* logic = condition ? condition->as<sql::Binary>() : nullptr;
  if (logic == nullptr || (logic->op != "AND" && logic->op != "OR"))
    return false;
  bool changed = simplify(logic->left);
  changed |= simplify(logic->right);
  const bool neutral = logic->op == "AND";
  if (constant(*logic->right) == neutral) {
    auto left = std::move(logic->left);
    condition = std::move(left);
    return true;
  }
  if (constant(*logic->left) == neutral) {
    auto right = std::move(logic->right);
    condition = std::move(right);
    return true;
  }
  return changed;
}

bool drop_whole(sql::ExprPtr& condition) {
  if (!condition || constant(*condition) != true)
    return false;
  condition = nullptr;
  return true;
}

class ConstantCondition final : public WordedRule {
 public:
  ConstantCondition() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_blocks(*this, subject, [](Block& block) -> std::optional<std::string> {
      auto& select = block.select;
      bool changed = simplify(select.where);
      changed |= simplify(select.having);
      changed |= select.from != nullptr && drop_whole(select.where);
      if (select.from)
        each_on(*select.from, [&](sql::Join& join) { changed |= simplify(join.on); });
      if (!changed)
        return std::nullopt;
      return "Conditions that are true or false whatever the row holds were dropped.";
    });
  }
};

} // namespace

RulePtr constant_condition() {
  return std::make_unique<ConstantCondition>();
}

} // namespace quill::rewrite
