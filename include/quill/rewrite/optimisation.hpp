// What was done from `before` to `after`, whoever did it: type and rule of an optimisation.
#pragma once

#include <string>

#include "quill/engine/session.hpp"
#include "quill/sql/pair.hpp"

namespace quill::rewrite {

/// What was found of a pair.
struct Optimisation {
  std::string type;     ///< indexing | join | projection | limit | redundancy
  std::string rule;     ///< as in all_rules(), chained by "+", with "index-…" for indexes; "other"
  bool exact = false;   ///< the rule, applied to before, gives after itself
  std::string evidence; ///< one sentence: what it was told from
};
/// Looks at the trees and at the plan: first which rules (up to two, one after another) give
/// `after`; then which rule's result is most alike in structure and much more so than `before` is;
/// then what appeared and went. For indexes the plan says which are used and how. Runs no query;
/// looks up facts of the data as make_subject() does. Text that does not parse gives "other".
[[nodiscard]] Optimisation find_optimisation(const sql::Pair& pair, engine::Session& session);

} // namespace quill::rewrite
