// The index adviser behind advise_indexes(), for callers that keep their planner.
#pragma once

#include <string>
#include <vector>

#include "quill/rewrite/rule.hpp"
#include "rewrite/planner.hpp"

namespace quill::rewrite {

/// Indexes for one statement that the planner uses.
struct Advice {
  std::string rule;                 ///< "index-covering", or two joined by "+"
  std::vector<std::string> indexes; ///< CREATE INDEX
  std::string reason;
  double effort = 0; ///< of the plan with them
};
/// Least effort first; at most `count_max`. Empty for an opaque subject, and where the planner does
/// not tell of indexes that are not there.
[[nodiscard]] std::vector<Advice> advise(const Subject& subject, Planner& planner,
                                         std::size_t count_max);

} // namespace quill::rewrite
