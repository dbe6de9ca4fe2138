#include "quill/train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace quill::train {

double learning_rate_share(const OptimizerConfig& config, std::int64_t step, std::int64_t steps) {
  const auto warmup =
      static_cast<std::int64_t>(std::ceil(config.warmup * static_cast<double>(steps)));
  if (step < warmup)
    return static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, warmup));
  if (config.schedule == "constant")
    return 1;
  const double done = static_cast<double>(step - warmup) /
                      static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
  if (config.schedule == "linear")
    return std::max(0.0, 1 - done);
  return std::max(0.0, 0.5 * (1 + std::cos(std::numbers::pi * done)));
}

} // namespace quill::train
