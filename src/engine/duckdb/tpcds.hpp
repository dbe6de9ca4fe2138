// TPC-DS by DuckDB's own extension: a database file, its queries, its tables as CSV.
#pragma once

#include <string>

#include "engine/protocol.hpp"

namespace quill::engine::duckdb {

/// "" or what went wrong, in DuckDB's words. What was begun is left for the caller to remove.
[[nodiscard]] std::string make_tpcds(const MakeTpcds& request);

} // namespace quill::engine::duckdb
