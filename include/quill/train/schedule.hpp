// The learning rate of a step.
#pragma once

#include <cstdint>

#include "quill/train/config.hpp"

namespace quill::train {

/// Share of the highest learning rate in step `step` (from 0) of `steps`: rises from 0 over the
/// warm-up, then falls to 0 along half a cosine or a line, or stays. The same steps and values as
/// transformers.get_scheduler (src/transformers/optimization.py).
[[nodiscard]] double learning_rate_share(const OptimizerConfig& config, std::int64_t step,
                                         std::int64_t steps);

} // namespace quill::train
