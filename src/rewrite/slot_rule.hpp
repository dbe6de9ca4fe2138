// Rules that give single expressions another form, each where it stands.
#pragma once

#include "rewrite/change.hpp"
#include "rewrite/rules.hpp"

namespace quill::rewrite {

/// Which expressions of a block a rule is shown.
enum class Slots {
  where_truths,           ///< the leaves of WHERE's AND/OR tree
  qualified_where_truths, ///< the same after every column was given the name of its source
  filter_truths,          ///< those of WHERE and of each ON
  filters_and_items,      ///< every expression in WHERE, ON and the SELECT list, inner ones first
  all,                    ///< every expression of every clause, inner ones first
};

/// What the expression becomes; null leaves it.
using Replacement = sql::ExprPtr (*)(const sql::Expr& expr, const Block& block,
                                     const Subject& subject);

/// A rule of one replacement; `why` tells the reader why the rows are the same.
[[nodiscard]] RulePtr slot_rule(const RuleWords& words, Slots slots, Replacement replacement,
                                const char* why);

} // namespace quill::rewrite
