#include "judge/sequential.hpp"

#include <algorithm>

namespace quill::judge {

double error_spent(std::size_t look) {
  const double share = static_cast<double>(look) / static_cast<double>(kBlocksMax);
  return kFalseWins * std::min(share, 1.0);
}

double level_of(std::size_t look) {
  return error_spent(look) - error_spent(look - 1);
}

Speedup sequential_speedup(const std::vector<LogRatio>& blocks) {
  return speedup_of(pooled(blocks), level_of(blocks.size()));
}

bool is_decided(const std::vector<LogRatio>& blocks, double bar) {
  if (blocks.size() >= kBlocksMax)
    return true;
  const Speedup strict = sequential_speedup(blocks);
  const bool win_decided = strict.significant() || strict.most() < kWorthFinding;
  return win_decided && !speedup_of(pooled(blocks)).undecided(bar);
}

} // namespace quill::judge
