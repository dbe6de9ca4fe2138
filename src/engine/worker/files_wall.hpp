// A wall for engines that open their file themselves: before they do, nothing else can be read.
#pragma once

#include <string>
#include <vector>

namespace quill::engine {

/// From here on only these files can be read, and nothing written. Those that are not there stay
/// absent. Cannot be undone; does nothing where the kernel lacks Landlock.
void wall_in_files(const std::vector<std::string>& readable);

} // namespace quill::engine
