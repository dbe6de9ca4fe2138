// What a run starts from: database, seed examples, and what of them a resume must find again.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/core/json.hpp"
#include "quill/loop/pool.hpp"
#include "quill/loop/restem.hpp"

namespace quill::loop {

/// The database to judge on. With a blueprint it is built in `folder`, unless it lies there.
/// \throws Error{usage} when there is none
[[nodiscard]] std::filesystem::path make_database(const RestemConfig& config,
                                                  const std::filesystem::path& folder,
                                                  const Cancel& cancel);

[[nodiscard]] std::filesystem::path examples_file(const RestemConfig& config);

/// Everything that shapes the result, key → text: the settings except paths and exit rules, hashes
/// of what the paths lead to, and what is known of the `proposer`.
[[nodiscard]] Json run_settings(const RestemConfig& config, const std::filesystem::path& database,
                                const Json& proposer);

} // namespace quill::loop
