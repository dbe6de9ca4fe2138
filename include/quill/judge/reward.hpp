// What a proven speedup is worth, and the rule for *kept*. Pure.
#pragma once

#include <string>
#include <string_view>

namespace quill::judge {

enum class RewardScheme { log, table };

/// `log`: min(1, log(speedup+1)/log 10). `table`: 1.5x→0.25, 2x→0.45, 5x→0.60, 10x→0.70, 50x→0.85,
/// 1000x→0.95, interpolated on log speedup; at or below 1x 0; above 1000x 0.95 (seeds/001).
[[nodiscard]] double speed_reward(double speedup, RewardScheme scheme);
/// Default threshold of a scheme: 0.5 for log, 0.25 for table.
[[nodiscard]] double default_threshold(RewardScheme scheme);

/// The readability bonus is within ± this.
inline constexpr double kReadabilityMax = 0.2;
/// Speed reward plus bonus; never below 0, so that a correct answer is never worth less than a
/// wrong one.
[[nodiscard]] double reward_of(double speedup, double readability, RewardScheme scheme);

/// What was won, and the bar it must pass.
struct Win {
  bool correct = false, significant = false;
  double speedup = 0, reward = 0;
};
struct Bar {
  double min_speedup = 1.5, threshold = 0.25;
};
/// Correct, significant, fast enough and worth enough: a bonus alone keeps nothing.
[[nodiscard]] bool is_kept(const Win& win, const Bar& bar);

/// Below 1.5x (losses too): "1-1.5x"; then "1.5-2x", "2-10x", "10-100x", "100x+".
[[nodiscard]] std::string_view speedup_band(double speedup);

} // namespace quill::judge
