// The schema of a DuckDB database.
#pragma once

#include "engine/duckdb/database.hpp"
#include "engine/protocol.hpp"

namespace quill::engine::duckdb {

/// Tables in creation order, rows counted.
[[nodiscard]] SchemaAnswer read_schema(const Database& database);

} // namespace quill::engine::duckdb
