// A database under other names: a copy that a script of our own was run on.
#pragma once

#include <filesystem>
#include <string>

namespace quill::engine {

/// Copies the SQLite file `from` to `to` and runs `script` on the copy: ALTER TABLE … RENAME,
/// DROP INDEX, CREATE INDEX, written by us. `from` must have been opened by open_sqlite() before,
/// which looks it over. `to` is not there yet; nothing is left behind on failure.
/// \throws Error{storage}: the disk, or a script that does not run
void alter_copy(const std::filesystem::path& from, const std::filesystem::path& to,
                const std::string& script);

} // namespace quill::engine
