// How alike two queries are as trees: fingerprints for the same, pq-grams for the similar.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quill/sql/tree.hpp"

namespace quill::sql {

/// What of a tree counts.
struct Detail {
  bool names = true;    ///< of tables, columns, aliases; functions always count
  bool literals = true; ///< their value; their kind always counts
};
/// 16 hex digits, the same on every machine. With all details equal iff equal(a, b); a
/// name that may be a string ("x") is another than x.
[[nodiscard]] std::string fingerprint(const Query& query, Detail detail = {});

/// The pq-grams of a tree (Augsten, Böhlen, Gamper, "Approximate Matching of Hierarchical Data
/// Using pq-Grams", VLDB 2005; p = 2, q = 3): every node with its parent and three children in a
/// row. The order of what AND and OR join does not count.
struct GramProfile {
  std::vector<std::uint64_t> grams; ///< sorted, doubles kept; about 2 for each node
};
[[nodiscard]] GramProfile gram_profile(const Query& query,
                                       Detail detail = {.names = false, .literals = false});
/// In [0, 1]: twice the grams in both by the grams of both; 1 for equal profiles.
[[nodiscard]] double similarity(const GramProfile& a, const GramProfile& b);

} // namespace quill::sql
