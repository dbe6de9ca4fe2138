// How much memory a process can still get.
#pragma once

#include <cstdint>
#include <filesystem>

namespace quill {

/// Bytes that can be taken without swapping, and within the limit of the control group, as Linux
/// says them; nothing known: the largest number. `root` is "/" (tests have another).
[[nodiscard]] std::int64_t free_memory(const std::filesystem::path& root = "/");

} // namespace quill
