// From a recorded run to its page: shared by analyze --html and runs report.
#pragma once

#include <filesystem>

#include "quill/core/cancel.hpp"
#include "quill/loop/recorded.hpp"
#include "quill/report/run_page.hpp"

namespace quill::cli {

/// The run in report's words, without plans: its five best examples by speedup and its five slowest
/// by the time of `before`, seeds left out.
[[nodiscard]] report::RunPage run_page(const loop::RecordedRun& run);

/// Writes the page of `run`, which was read from `folder`, to `file`. Plans come from `database`,
/// or, when that is empty, from the run's own where it can be found. \throws Error{usage},
/// Error{storage}
void write_run_page(const loop::RecordedRun& run, const std::filesystem::path& folder,
                    const std::filesystem::path& database, const std::filesystem::path& file,
                    const Cancel& cancel);

} // namespace quill::cli
