// Scratch folders in memory where there are such: a sync costs nothing there, and what a killed
// process leaves is the same.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace quill::test {

/// A TMPDIR that is set already stays.
inline const bool kQuickScratch =
    std::filesystem::is_directory("/dev/shm") && setenv("TMPDIR", "/dev/shm", 0) == 0;

} // namespace quill::test
