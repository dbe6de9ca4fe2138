// SQLite's write-ahead log as bytes (https://www.sqlite.org/fileformat2.html section 4): which of
// its frames are committed, and what the database is with them.
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/worker/image.hpp"

namespace quill::engine {

/// Bytes of memory the database needs while and after its log is applied.
[[nodiscard]] std::size_t wal_applied_size(std::string_view wal, std::size_t image_bytes);

/// Applies the committed frames to `image`, whose capacity must be wal_applied_size(). A log that
/// is not valid changes nothing, and what follows the last whole commit is left out, as SQLite
/// does.
void apply_wal(std::string_view wal, Mapping& image);

} // namespace quill::engine
