// A sequential test over blocks of runs: when may one stop and say *faster*?
//
// Stopping as soon as it looks good makes false wins: five looks at 2.5 % each may find one in
// eight trials. Here the whole error, kFalseWins, is spent over the looks as they come (K. K. G.
// Lan, D. L. DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983)
// with a spending function that is linear in the look, and each look has its own share, so that by
// the union bound the sum holds whatever the looks have in common. The number of looks is fixed
// beforehand. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "judge/noise.hpp"

namespace quill::judge {

/// Blocks of runs at most: what they leave open stays what they say.
inline constexpr std::size_t kBlocksMax = 8;
/// P(equal speeds are called a win), over all looks.
inline constexpr double kFalseWins = 0.005;
/// A win smaller than this is not worth further blocks.
inline constexpr double kWorthFinding = 1.10;

/// Of kFalseWins, what is spent up to and with this look (1 … kBlocksMax).
[[nodiscard]] double error_spent(std::size_t look);
/// What this look alone may spend.
[[nodiscard]] double level_of(std::size_t look);

/// What the blocks so far say; noise at the level of this look.
[[nodiscard]] Speedup sequential_speedup(const std::vector<LogRatio>& blocks);

/// Enough: it is a win or none worth finding, and it is clear on which side of `bar` it lies (at
/// the usual 95 %: no win hangs on that); or it is the last look.
[[nodiscard]] bool is_decided(const std::vector<LogRatio>& blocks, double bar);

} // namespace quill::judge
