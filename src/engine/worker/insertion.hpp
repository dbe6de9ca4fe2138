// How the scratches of DuckDB and PostgreSQL empty tables and fill them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/protocol.hpp"
#include "quill/sql/dialect.hpp"

namespace quill::engine {

using RowList = std::vector<const Row*>;

/// INSERT of so many rows with a parameter a cell: $1, $2, … row by row.
[[nodiscard]] std::string insertion(const TableRows& table, std::size_t rows, sql::Dialect dialect);

/// "" or the engine's words.
using Empty = std::function<std::string(const TableRows&)>;
/// Inserts these rows of the table by one statement; false when that was refused.
using Insert = std::function<bool(const TableRows&, const RowList&)>;
/// All rows of a table at once; where that is refused one by one, to see which. Loaded::kept is in
/// the order of `tables`, whatever the order they are put in.
[[nodiscard]] Loaded load_tables(const std::vector<TableRows>& tables, bool reversed,
                                 const Empty& empty, const Insert& insert);

} // namespace quill::engine
