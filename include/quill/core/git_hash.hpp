// The name git gives to a file's content.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace quill {

/// SHA-1 of "blob SIZE\0" and the bytes, 40 lower-case hex digits.
[[nodiscard]] std::string git_blob_id_of(std::string_view content);
/// The same of a file, which is read whole. \throws Error{usage}
[[nodiscard]] std::string git_blob_id(const std::filesystem::path& path);

} // namespace quill
