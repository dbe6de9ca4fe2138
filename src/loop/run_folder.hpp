// A run folder read back: from run.db, else from its JSON files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "quill/loop/metrics.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

struct RunFolder {
  std::filesystem::path source; ///< the file that was read
  bool finished = true;
  std::vector<IterationMetrics> iterations; ///< 0..n
  std::vector<Example> examples;
};

/// \throws Error{usage} when there is neither, or when a file is wrong
[[nodiscard]] RunFolder read_run_folder(const std::filesystem::path& folder);

} // namespace quill::loop
