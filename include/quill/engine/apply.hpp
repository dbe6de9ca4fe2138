// The one place where a user's own database is written: indexes, when the user says so.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quill::engine {

/// Makes the indexes in a SQLite file, all of them or none, in one transaction. Each statement must
/// be one CREATE INDEX; what another process writes meanwhile is waited for up to ten seconds.
/// \throws Error{usage}: another statement; Error{storage}: locked, read-only, disk full, or the
/// engine refuses an index
void create_indexes(const std::filesystem::path& database,
                    const std::vector<std::string>& create_index);

} // namespace quill::engine
