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

/// "1-1.5x", "1.5-2x", "2-10x", "10-100x", "100x+".
[[nodiscard]] std::string_view speedup_band(double speedup);

} // namespace quill::judge
