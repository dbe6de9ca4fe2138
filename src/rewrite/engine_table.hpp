// Which rule pays on which engine: what pays on one hurts on another, so the table says which.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/dialect.hpp"

namespace quill::rewrite {

/// Every rule is for SQLite; those of the table for DuckDB and PostgreSQL too.
[[nodiscard]] bool pays_on(std::string_view rule, sql::Dialect dialect);
/// "sqlite", "duckdb", "postgres", as far as it pays there.
[[nodiscard]] std::vector<std::string> engines_of(std::string_view rule);

} // namespace quill::rewrite
