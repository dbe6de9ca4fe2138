// Indexes under which rows that tie come in another order: SQLite then reads an index backwards
// where it would sort, and ties come with the last row first; and instead of a table it reads an
// index that has all it needs, in the order of that.
#pragma once

#include <string>
#include <vector>

#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::judge::proof {

/// CREATE INDEX statements for the ORDER BY and window orders of a query, as far as they are plain
/// columns of one table, and for all columns it names of a table; a few at most, with names of
/// their own.
[[nodiscard]] std::vector<std::string> tie_indexes(const sql::Query& query,
                                                   const sql::Schema& schema);

} // namespace quill::judge::proof
