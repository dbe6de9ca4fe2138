// BIRD's comparisons of two results: EX, soft F1, and what running times are worth.
#pragma once

#include <vector>

#include "quill/engine/value.hpp"

namespace quill::eval {

/// EX: the same set of rows. Order and repetition of rows do not count; the order of columns does.
/// (DAMO-ConvAI bird/llm/src/evaluation.py, bird-bench/mini_dev evaluation_ex.py)
[[nodiscard]] bool bird_same_rows(const std::vector<engine::Row>& gold,
                                  const std::vector<engine::Row>& predicted);

/// Soft F1 in [0, 1]: repeated rows are dropped, the others paired by position, and the cells of
/// each pair compared without regard to the order of columns. (mini_dev evaluation_f1.py)
[[nodiscard]] double bird_soft_f1(const std::vector<engine::Row>& gold,
                                  const std::vector<engine::Row>& predicted);

/// Mean of gold time / predicted time over the runs, those three standard deviations or more from
/// the mean left out. Equal ratios, which the official script divides by zero on, have that mean.
/// 0 when there are none.
[[nodiscard]] double mean_time_ratio(const std::vector<double>& ratios);
/// VES of one item, in percent: 100 * sqrt(ratio).
[[nodiscard]] double ves(double time_ratio);
/// R-VES of one item, in percent: 100 * sqrt(reward), the reward being 1.25, 1, 0.75, 0.5 or 0.25
/// for a ratio from 2, 1, 0.5, 0.25 or 0 up, and 0 for a wrong answer. (mini_dev evaluation_ves.py)
[[nodiscard]] double r_ves(double time_ratio);

} // namespace quill::eval
