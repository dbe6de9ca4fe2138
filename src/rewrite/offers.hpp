// Everything that could be offered for one statement: indexes, rewrites, rewrites with indexes.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "quill/rewrite/rule.hpp"
#include "rewrite/planner.hpp"

namespace quill::rewrite {

/// One proposal with what learning needs to know of it.
struct Offer {
  Proposal proposal;
  std::string fingerprint;      ///< sql::pair_fingerprint
  std::set<std::string> traits; ///< rule parts, the rewritten statement, tables and columns indexed
  double effort = 1;            ///< the plan's with it over the plan's without
};

/// No two with the same fingerprint; none that does not prepare, none that changes nothing.
[[nodiscard]] std::vector<Offer> make_offers(const Subject& subject, engine::Session& session,
                                             Planner& planner);

/// Parts of a composed rule name: "a+b" → {a, b}.
[[nodiscard]] std::vector<std::string> rule_parts(std::string_view rule);

} // namespace quill::rewrite
