// Which rows of an ordered answer tie: an instrumented copy of the query says so itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quill/sql/dialect.hpp"
#include "quill/sql/tree.hpp"

namespace quill::judge {

/// SELECT *, dense_rank() OVER (ORDER BY <the order keys>) FROM (<before without ORDER BY and
/// LIMIT>) ORDER BY that rank: the engine's own idea of a tie (collations, NULLs, 1 and 1.0) comes
/// back as the last column. Before's own columns come first; keys that are none of them stand in
/// between. With `columns`, only these of before's columns come, then the rank. nullopt when the
/// order keys cannot be named from outside (order by an expression over DISTINCT or UNION, a name
/// that could mean two columns).
[[nodiscard]] std::optional<std::string>
with_tie_rank(const sql::Query& before, sql::Dialect dialect,
              const std::vector<std::string>& columns = {});

} // namespace quill::judge
