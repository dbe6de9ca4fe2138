// The structure of a statement as counted marks: what tells one way of asking from another.
#pragma once

#include <map>
#include <string>

#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// Mark → how often: "exists", "scalar", "left-join", "grouped-derived", "window", …
using Marks = std::map<std::string, int>;
[[nodiscard]] Marks marks(const sql::Query& query);
/// Sum of the differences.
[[nodiscard]] double distance(const Marks& a, const Marks& b);

/// A change that marks alone tell.
struct ToldChange {
  std::string rule, type, evidence; ///< empty when they tell nothing
};
[[nodiscard]] ToldChange told_by(const Marks& before, const Marks& after);

} // namespace quill::rewrite
