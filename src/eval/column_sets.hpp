// Columns that Spider's exact match takes for one another: those a foreign key joins.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "quill/core/json.hpp"
#include "quill/sql/schema.hpp"

namespace quill::eval {

/// "__table.column__" → the first column of its set. Sets are built as build_foreign_key_map() does
/// it: a key joins the first set that knows either of its ends, and sets are never merged.
using ColumnSets = std::map<std::string, std::string>;

/// From the foreign keys that the database declares.
[[nodiscard]] ColumnSets column_sets(const sql::Schema& schema);
/// From a tables.json of Spider: by db_id. \throws Error{usage}
[[nodiscard]] std::map<std::string, ColumnSets>
read_column_sets(const std::filesystem::path& tables_json);

} // namespace quill::eval
