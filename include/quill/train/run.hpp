// A training run on disk: its settings, its figures line by line and as TensorBoard reads them, its
// checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/event_file.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"

namespace quill::train {

/// `FOLDER/checkpoints/step-00000100`: files and a manifest with their sizes and hashes. It is
/// written under another name and renamed when all of it is on disk.
class Checkpoints {
 public:
  explicit Checkpoints(const std::filesystem::path& run_folder);

  /// A folder to write the files of a checkpoint into; what a killed run left there is removed.
  /// \throws Error{storage}
  [[nodiscard]] std::filesystem::path begin(std::int64_t step);
  /// Names every file of begin()'s folder in the manifest and puts it in its place; then all but
  /// the `keep` newest checkpoints go. \throws Error{storage}
  void finish(std::int64_t step, std::int64_t keep);
  /// The newest whole checkpoint; broken ones are logged and passed over.
  struct Found {
    std::int64_t step = 0;
    std::filesystem::path folder;
  };
  [[nodiscard]] std::optional<Found> newest() const;

 private:
  [[nodiscard]] std::filesystem::path place_of(std::int64_t step) const;
  [[nodiscard]] std::vector<Found> all() const; ///< newest first

  std::filesystem::path folder_;
};

/// A run's folder, held by one process at a time.
class Run {
 public:
  /// `settings` are written to run.json. In a folder that holds a run already, `resume` must be
  /// set and the settings must be the same, except `free`, those that change nothing.
  /// One that does not lead its team only reads what the one that leads has made before.
  /// \throws Error{usage} naming the setting; Error{storage}
  Run(std::filesystem::path folder, const Json& settings, const std::vector<std::string>& free,
      bool resume, bool leads = true);

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }
  [[nodiscard]] Checkpoints& checkpoints() noexcept { return checkpoints_; }
  /// Lines of steps behind `step` go, and so do they in TensorBoard: they will be written again.
  void forget_after(std::int64_t step);
  /// One line of metrics.jsonl; its numbers under "train/…", and "eval_loss" as "eval/loss", go
  /// into the event file in `tensorboard`. \throws Error{storage}
  void record(const Json& line);

 private:
  void begin_events(std::int64_t step);

  std::filesystem::path folder_;
  std::unique_ptr<FileLock> lock_;
  Checkpoints checkpoints_;
  std::optional<EventFile> events_; ///< begun by the first forget_after() or record()
};

} // namespace quill::train
