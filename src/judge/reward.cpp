#include "quill/judge/reward.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace quill::judge {

namespace {

struct Point {
  double speedup, reward;
};

/// mission.md 2 (from the seeds' table of production speedups); 1x is worth nothing.
constexpr std::array<Point, 7> kTable{
    {{1, 0}, {1.5, 0.25}, {2, 0.45}, {5, 0.60}, {10, 0.70}, {50, 0.85}, {1000, 0.95}}};

double between(const Point& low, const Point& high, double speedup) {
  const double share = std::log(speedup / low.speedup) / std::log(high.speedup / low.speedup);
  return low.reward + share * (high.reward - low.reward);
}

double table_reward(double speedup) {
  if (!(speedup > kTable.front().speedup))
    return 0;
  for (std::size_t i = 1; i < kTable.size(); ++i)
    if (const Point& high = kTable[i]; speedup <= high.speedup)
      return speedup == high.speedup ? high.reward : between(kTable[i - 1], high, speedup);
  return kTable.back().reward;
}

double log_reward(double speedup) {
  return std::min(1.0, std::log10(std::max(speedup, 0.0) + 1));
}

} // namespace

double speed_reward(double speedup, RewardScheme scheme) {
  return scheme == RewardScheme::log ? log_reward(speedup) : table_reward(speedup);
}

double default_threshold(RewardScheme scheme) {
  return scheme == RewardScheme::log ? 0.5 : 0.25;
}

double reward_of(double speedup, double readability, RewardScheme scheme) {
  const double bonus = std::clamp(readability, -kReadabilityMax, kReadabilityMax);
  return std::max(0.0, speed_reward(speedup, scheme) + bonus);
}

bool is_kept(const Win& win, const Bar& bar) {
  return win.correct && win.significant && win.speedup >= bar.min_speedup &&
         win.reward >= bar.threshold;
}

std::string_view speedup_band(double speedup) {
  if (speedup >= 100)
    return "100x+";
  if (speedup >= 10)
    return "10-100x";
  if (speedup >= 2)
    return "2-10x";
  return speedup >= 1.5 ? "1.5-2x" : "1-1.5x";
}

} // namespace quill::judge
