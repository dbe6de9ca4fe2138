// What a rewrite changed, block by block and clause by clause, for people.
#pragma once

#include <string>
#include <vector>

#include "quill/sql/tree.hpp"

namespace quill::sql {

struct Change {
  enum class Kind { added, removed, changed };
  Kind kind = Kind::changed;
  std::string block;  ///< "" for the query itself, else "CTE totals", "derived table d", …
  std::string clause; ///< "WHERE", "SELECT", "FROM", …; "" for a whole block
  std::string before; ///< SQLite's text, one line; "" when added
  std::string after;  ///< "" when removed
};
/// Outermost block first, clauses in their order; empty iff the trees are equal up to the letter
/// case of names. Nested queries that have a counterpart stand as "(…)": their changes are told on
/// their own.
[[nodiscard]] std::vector<Change> diff(const Query& before, const Query& after);
/// One line: "WHERE: strftime('%Y', created_at) = '2023' became created_at >= '2023-01-01' AND
/// created_at < '2024-01-01'". Texts are cut at `width` characters.
[[nodiscard]] std::string to_text(const Change& change, std::size_t width = 160);

} // namespace quill::sql
