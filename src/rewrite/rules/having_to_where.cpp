// GROUP BY user_id HAVING user_id > 10 AND count(*) > 2  →  WHERE user_id > 10 GROUP BY … HAVING …
//
// Matches: a conjunct of HAVING that reads only columns the block groups by.
// Must hold: there is a GROUP BY (without one a single row is dropped by HAVING, but made by
// aggregates whatever WHERE drops); the conjunct holds no aggregate, window or sub-query; the
// column has BINARY collation (under NOCASE a group holds 'a' and 'A', and HAVING looks at one of
// them). Why the rows are the same: all rows of a group have one value there, so the group is kept
// whole or dropped whole.
#include <algorithm>

#include "quill/sql/walk.hpp"
#include "rewrite/change.hpp"
#include "rewrite/comparison.hpp"
#include "rewrite/names.hpp"
#include "rewrite/rules.hpp"
#include "rewrite/slots.hpp"

namespace quill::rewrite {

namespace {

constexpr RuleWords kWords{
    "having-to-where", "redundancy", "a condition on group keys moves from HAVING to WHERE",
    "where an index serves the condition; SQLite often does it itself (1.0x measured)",
    "nowhere known"};

/// Is the column, in a base table, one whose equal values are the same value?
bool is_one_value(const sql::Column& column, const sql::Scope& scope) {
  const auto* info = scope.info(column);
  return info != nullptr && is_binary(*info) && domain(*info) != Domain::blob;
}

bool reads_keys_only(const sql::Expr& condition, const Block& block, const sql::Schema& schema) {
  if (sql::has_aggregate(condition) || sql::has_window(condition) || sql::has_subquery(condition) ||
      !reads(condition, block.scope, schema).local())
    return false;
  const auto& keys = block.select.group_by;
  bool only = true;
  bool any = false;
  each_expr(condition, [&](const sql::Expr& part) {
    const auto* column = part.as<sql::Column>();
    if (column == nullptr)
      return;
    any = true;
    only &= is_one_value(*column, block.scope) &&
            std::any_of(keys.begin(), keys.end(),
                        [&](const auto& key) { return sql::equal(*key, part); });
  });
  return only && any;
}

class HavingToWhere final : public WordedRule {
 public:
  HavingToWhere() : WordedRule(kWords) {}

  std::vector<Proposal> apply(const Subject& subject) const override {
    return change_qualified_blocks(*this, subject, [&](Block& block) -> std::optional<std::string> {
      auto& select = block.select;
      if (select.group_by.empty() || !select.having)
        return std::nullopt;
      bool changed = false;
      std::vector<sql::ExprPtr> kept;
      for (auto& condition : sql::split_conjuncts(std::move(select.having))) {
        const bool moves = reads_keys_only(*condition, block, *subject.schema);
        changed |= moves;
        if (moves)
          select.where = sql::both(std::move(select.where), std::move(condition));
        else
          kept.push_back(std::move(condition));
      }
      select.having = sql::join_conjuncts(std::move(kept));
      if (!changed)
        return std::nullopt;
      return "The condition on group keys moved from HAVING to WHERE: a group has one value there, "
             "so its rows are all kept or all dropped before they are counted.";
    });
  }
};

} // namespace

RulePtr having_to_where() {
  return std::make_unique<HavingToWhere>();
}

} // namespace quill::rewrite
