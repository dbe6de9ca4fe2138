// Preference pairs from everything a run judged.
#pragma once

#include <vector>

#include "loop/run_folder.hpp"
#include "quill/loop/sample.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

/// For each slow query: the candidate of the best reward against every other one that was wrong,
/// failed, or is worth less. `examples` are those of the run: a query without one has no pair.
[[nodiscard]] std::vector<Preference> preferences_of(const store::RunRecord& record,
                                                     const std::vector<Example>& examples);

/// The file of a combined folder that keeps its pairs.
inline constexpr const char* kPreferenceFile = "preference_pairs.json";
/// Of a run folder: from run.db, else from its file; none when there is neither.
[[nodiscard]] std::vector<Preference> read_preferences(const std::filesystem::path& folder,
                                                       const std::vector<Example>& examples);
/// Only those whose rejected answer is wrong, failed, or lower by `margin`.
[[nodiscard]] std::vector<Preference> apart_by(std::vector<Preference> preferences, double margin);

} // namespace quill::loop
