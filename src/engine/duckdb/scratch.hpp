// Tables in DuckDB's memory whose rows can be replaced.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/database.hpp"
#include "engine/protocol.hpp"

namespace quill::engine::duckdb {

/// Makes in `scratch` the tables, indexes and views of `schema`, without foreign keys: those would
/// forbid to replace rows table by table, and DuckDB cannot drop one. "" or the engine's words.
[[nodiscard]] std::string copy_schema(const sql::Schema& schema, const Database& scratch);

[[nodiscard]] Loaded load_rows(const Database& database, const std::vector<TableRows>& tables,
                               bool reversed);

} // namespace quill::engine::duckdb
