// The blocks of a query and which reads which.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "quill/sql/tree.hpp"

namespace quill::sql {

struct Block {
  enum class Kind { outermost, cte, derived, subquery, arm };
  Kind kind = Kind::outermost;
  std::string name = {};        ///< of a CTE or derived table; "subquery 2", "arm 1"; else ""
  const Query* query = nullptr; ///< with the tail (ORDER BY, LIMIT); of an arm the compound's
  const Body* body = nullptr;
  std::vector<std::size_t> reads = {};  ///< blocks, ascending, each once
  std::vector<std::string> tables = {}; ///< no block of the query: base tables and views, each once
  bool recursive = false;               ///< reads itself, which is no edge
};

/// An acyclic graph: what is read stands before its reader, the query itself last.
struct BlockGraph {
  std::vector<Block> blocks;
  [[nodiscard]] const Block& outermost() const { return blocks.back(); }
};
/// Points into `query`, which must outlive it.
[[nodiscard]] BlockGraph block_graph(const Query& query);
/// "CTE totals", "derived table d", "subquery 1", "arm 2", "query": for people.
[[nodiscard]] std::string to_text(const Block& block);

} // namespace quill::sql
