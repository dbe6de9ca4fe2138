// What paid in finished work: wins by rule, strategy and model, from the answers of `optimize`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::optimize {

/// Candidates that have something in common.
struct Tally {
  std::string name;
  std::int64_t tried = 0, wins = 0, improved = 0, neutral = 0, regressions = 0, errors = 0;
  double log_speedups = 0; ///< of those that were proven
  double best = 0;         ///< largest proven speedup; 0 when none was proven
  [[nodiscard]] std::int64_t proven() const { return tried - errors; }
  [[nodiscard]] double geomean() const; ///< of proven ones; 1 when there is none
};

struct Statistics {
  std::int64_t answers = 0, candidates = 0;
  std::vector<Tally> rules, strategies, models; ///< most wins first, then by name
};
[[nodiscard]] Json to_json(const Statistics& statistics);

/// Every answer of `optimize` (a .json file with `candidates`) below a folder, or one such file.
/// Other files are passed over. \throws Error{usage} when there is nothing of that name
[[nodiscard]] Statistics read_statistics(const std::filesystem::path& place);

} // namespace quill::optimize
