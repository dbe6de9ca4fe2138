// A database file as an image: checked, never written, with what its write-ahead log holds.
#pragma once

#include <string>
#include <variant>

#include "engine/worker/image.hpp"

namespace quill::engine {

/// Files up to this size are copied into memory, so that later writers cannot change what is
/// judged; larger ones are mapped.
inline constexpr std::size_t kCopiedBytesMax = 64U << 20U;

/// Opens and reads `path`; Refused says why it cannot serve. Reads the file, its "-wal" and
/// "-journal", and writes nothing.
[[nodiscard]] std::variant<Image, Refused> snapshot_file(const std::string& path);

} // namespace quill::engine
