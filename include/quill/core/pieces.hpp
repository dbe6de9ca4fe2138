// A file too large to stand in memory as one text, written whole or not at all.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

namespace quill {

/// As Disk::write_atomic() of the real disk, with the content as `pieces` one after the other.
/// \throws Error{storage}
void write_pieces_atomic(const std::filesystem::path& path,
                         std::span<const std::string_view> pieces);

} // namespace quill
