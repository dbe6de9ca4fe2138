// What a training run has recorded, for those who only look.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::train {

/// The figures of a run's folder.
struct Figures {
  Json settings;           ///< as run.json has them: name to text
  std::vector<Json> steps; ///< the lines of metrics.jsonl; a last one that a kill cut is left out
  /// Names of the numbers that any line has, but "step", in the order they first come.
  [[nodiscard]] std::vector<std::string> names() const;
};

/// Whether the folder is one that `quill train` made.
[[nodiscard]] bool is_training_run(const std::filesystem::path& folder);
/// \throws Error{usage} naming file and line
[[nodiscard]] Figures read_figures(const std::filesystem::path& folder);

} // namespace quill::train
