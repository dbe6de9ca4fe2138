// The same examples under other names, so that a model learns shapes and not our names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"

namespace quill {
class Cancel;
class Progress;
} // namespace quill

namespace quill::loop {

/// `quill augment`.
struct AugmentConfig {
  std::filesystem::path run = "data/stage2";    ///< a run folder
  std::filesystem::path db;                     ///< of examples without a database's name
  std::filesystem::path databases;              ///< folder of NAME.db; default: the run's own
  std::filesystem::path out = "data/augmented"; ///< new, or written by augment before
  std::int64_t times = 4; ///< each example so many times: as it is, and times - 1 renamed
  std::int64_t seed = 42;
  std::int64_t timeout_ms = 10'000;
  void fields(FieldList& list);
};

struct AugmentSummary {
  std::filesystem::path source, path;
  std::int64_t examples = 0; ///< read
  std::int64_t verified = 0; ///< written: ran under their names and gave the same rows
  std::int64_t dropped = 0;  ///< did not
};
[[nodiscard]] Json to_json(const AugmentSummary& summary);

/// Renames tables and columns, each schema consistently in a copy of its database, runs both
/// queries of each example there (those that keep their names too, in the database as it is), and
/// writes those that give the same rows: `out`/training_data.json and metrics.json. Times and
/// rewards stay those of the original: the rows and the plans are. `progress` counts examples.
/// \throws Error{usage}: no run, no database for an example; Error{storage}; Error{interrupted}
AugmentSummary augment(const AugmentConfig& config, const Cancel& cancel,
                       Progress* progress = nullptr);

} // namespace quill::loop
