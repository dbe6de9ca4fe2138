// A run as it was recorded: what it was asked, what came of it, which examples it found.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/loop/analyze.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// What the judge measured of an example; null under --measure steps.
struct ExampleTimes {
  std::optional<double> before_ms, after_ms;
};

struct RecordedRun {
  Analysis analysis;
  std::vector<Example> examples;
  std::map<std::string, ExampleTimes> times; ///< by example id; only runs with a run.db know them
  Json settings = Json::object();            ///< key → text; empty without a run.db
  std::string command_line, version;         ///< "" without a run.db
};
/// \throws Error{usage} as analyze() does
[[nodiscard]] RecordedRun read_recorded_run(const std::filesystem::path& folder);
[[nodiscard]] Json to_json(const RecordedRun& run);

/// One line of `quill runs ls`.
struct ListedRun {
  std::filesystem::path folder;
  bool finished = true;
  Totals totals;
  std::string problem; ///< why it cannot be read, "" when it can
};
[[nodiscard]] Json to_json(const ListedRun& run);
/// The runs in `folder` and up to two levels below it, by path. One that cannot be read is listed
/// with its problem. \throws Error{usage} when `folder` is no folder
[[nodiscard]] std::vector<ListedRun> list_runs(const std::filesystem::path& folder);

/// The databases a run was made on, found by their recorded hashes: `RUN/database.db`, else
/// data/test.db; of a run over several blueprints `RUN/databases/NAME.db`. Those that are not there
/// are left out.
[[nodiscard]] std::vector<std::filesystem::path>
find_run_databases(const RecordedRun& run, const std::filesystem::path& folder);

} // namespace quill::loop
