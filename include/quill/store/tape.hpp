// A run's file as a tape: what was answered in it is there for its own judge and for later runs.
#pragma once

#include <filesystem>
#include <memory>

#include "quill/llm/tape.hpp"
#include "quill/store/run.hpp"

namespace quill::store {

/// The run at hand, which must outlive it: finds its answers, and commits new ones.
[[nodiscard]] std::unique_ptr<llm::Tape> tape_of(Run& run);

/// A run that is only read.
struct Recording {
  std::unique_ptr<llm::Tape> tape; ///< put() is a Bug
  Json config;                     ///< the run's
};
/// \throws Error{usage}: no run there, damaged, or of a later version
[[nodiscard]] Recording open_recording(const std::filesystem::path& folder);

} // namespace quill::store
