// What a run starts from: database, seed examples, and what of them a resume must find again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "loop/databases.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/json.hpp"
#include "quill/loop/pool.hpp"
#include "quill/loop/restem.hpp"

namespace quill::loop {

/// The databases to judge on. Those of blueprints are built in `folder`, unless they lie there. One
/// database alone has no name. \throws Error{usage} when there is none
[[nodiscard]] std::vector<DatabaseFile> make_databases(const RestemConfig& config,
                                                       const std::filesystem::path& folder,
                                                       const Cancel& cancel);

/// What the run starts from: the file given, else the shipped one; none for stage 2 without a
/// model, which learns nothing from them.
[[nodiscard]] std::optional<std::filesystem::path> examples_file(const RestemConfig& config);
/// Of that file; none without one. \throws Error{usage}
[[nodiscard]] std::vector<Example> seeds_of(const RestemConfig& config);

/// Everything that shapes the result, key → text: the settings except paths and exit rules, hashes
/// of what the paths lead to, and what is known of the `proposer`.
[[nodiscard]] Json run_settings(const RestemConfig& config,
                                const std::vector<DatabaseFile>& databases, const Json& proposer);

} // namespace quill::loop
