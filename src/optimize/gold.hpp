// Gold examples, regressions and constraint rules as they stand in files.
#pragma once

#include <filesystem>
#include <vector>

#include "quill/optimize/knowledge.hpp"

namespace quill::optimize {

/// Of folder/sqlite.json, duckdb.json and postgres.json, in this order; a file that is not there
/// holds nothing. \throws Error{usage} naming file and key, and for an id that comes twice
[[nodiscard]] std::vector<KnownRewrite> read_rewrites(const std::filesystem::path& folder);

/// \throws Error{usage} naming file and key
[[nodiscard]] std::vector<Constraint> read_constraints(const std::filesystem::path& file);

} // namespace quill::optimize
