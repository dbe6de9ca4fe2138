// A folder of examples that no run wrote: combined or augmented.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/loop/pool.hpp"

namespace quill::loop {

/// training_data.json and a metrics.json that `quill analyze` and `export` read; `origin` says how
/// it came about ("combine", its sources …). \throws Error{usage} when `folder` holds a run;
/// Error{storage}
void write_dataset_folder(const std::filesystem::path& folder, const std::vector<Example>& examples,
                          const Json& origin);

} // namespace quill::loop
