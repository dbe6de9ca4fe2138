// Distributions that the clock and its calibration need, by the regularised incomplete beta
// function (Abramowitz and Stegun 26.5.8, 26.5.24, 26.7.1). Pure.
#pragma once

#include <cstdint>

namespace quill::judge {

/// P(T > t) of Student's t for t >= 0, for any degrees of freedom.
[[nodiscard]] double student_tail(double t, double freedom);

/// The t with P(T > t) = level, for 0 < level <= 0.5. Right to 1e-9 of its size.
[[nodiscard]] double student_quantile(double level, double freedom);

/// The upper (lower) end of the one-sided 95 % interval of a share of which `count` in `trials`
/// were seen (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934). 1 (0) without trials.
[[nodiscard]] double share_at_most(std::int64_t count, std::int64_t trials);
[[nodiscard]] double share_at_least(std::int64_t count, std::int64_t trials);

} // namespace quill::judge
