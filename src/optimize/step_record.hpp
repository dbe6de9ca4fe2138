// Steps on disk: what was answered and judged is there for the next start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quill/optimize/step.hpp"

namespace quill::optimize {

/// Everything that a later question, an answer or a leaderboard reads of a step; the messages of
/// its question are left out.
[[nodiscard]] Json record_of(const Step& step);
/// \throws Error{usage} naming `where`
[[nodiscard]] Step step_from(const Json& record, const std::string& where);

/// The steps of a query, a file. None when there is none.
[[nodiscard]] std::vector<Step> read_steps(const std::filesystem::path& file);
void write_steps(const std::filesystem::path& file, const std::vector<Step>& steps);

} // namespace quill::optimize
