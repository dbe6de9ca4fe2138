// A query as nodes with one label each: what fingerprints and pq-grams are made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/similarity.hpp"

namespace quill::sql {

struct LabelTree {
  struct Node {
    std::uint64_t label = 0; ///< hash of the text
    std::vector<std::size_t> children = {};
  };
  std::vector<Node> nodes; ///< parents first; 0 is the query
};
/// With `flat`, a AND (b AND c) is one node of three children.
[[nodiscard]] LabelTree label_tree(const Query& query, Detail detail, bool flat);

/// FNV-1a over 64 bits, the same on every machine.
[[nodiscard]] std::uint64_t hash_text(std::string_view text);
[[nodiscard]] std::uint64_t hash_join(std::uint64_t a, std::uint64_t b);

} // namespace quill::sql
