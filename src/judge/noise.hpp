// From samples to a speedup and how far it can be trusted. Pure.
//
// Each side of a block is a mean without its extremes; its error is that of a trimmed mean (K. K.
// Yuen, "The two-sample trimmed t for unequal population variances", Biometrika 61, 1974): the
// winsorized variance over h(h - 1), with h samples left and h - 1 degrees of freedom. The
// logarithm of the ratio of both has as error the root of both squared relative errors (delta
// method), its degrees of freedom are Welch's. *Noise* is the half-width of an interval of the
// ratio, relative to it.
#pragma once

#include <vector>

namespace quill::judge {

/// Below what any clock tells apart, in ms; a mean of 0 would divide by zero.
inline constexpr double kClockFloor = 1e-6;

/// One side's mean, the squared error of that mean, and its degrees of freedom.
struct Centre {
  double mean = 0, squared_error = 0, freedom = 1;
};

/// `3run`: the first is dropped, two are averaged. Needs exactly 3.
[[nodiscard]] Centre after_first(const std::vector<double>& samples);
/// `trimmed5`: fastest and slowest are dropped, three are averaged. Needs exactly 5.
[[nodiscard]] Centre trimmed(std::vector<double> samples);

/// The logarithm of before / after, as one block of runs or several tell it.
struct LogRatio {
  double value = 0, squared_error = 0, freedom = 1;
};
[[nodiscard]] LogRatio log_ratio(const Centre& before, const Centre& after);
/// The mean of several blocks. Its error is the larger of what the blocks say of themselves and of
/// how far they lie apart. A slower minute of the machine meets both sides of a block, so it does
/// not show. Needs at least one.
[[nodiscard]] LogRatio pooled(const std::vector<LogRatio>& blocks);

/// P(a ratio of 1 looks like a win) of one look at the usual two-sided 95 %.
inline constexpr double kUsualLevel = 0.025;

struct Speedup {
  double ratio = 1; ///< before / after
  double noise = 0; ///< relative, 0.05 = ± 5 %
  /// A win larger than the noise.
  [[nodiscard]] bool significant() const { return ratio > 1 + noise; }
  /// The least and the largest true ratio that its interval holds.
  [[nodiscard]] double least() const { return ratio / (1 + noise); }
  [[nodiscard]] double most() const { return ratio * (1 + noise); }
  /// Could the true ratio lie on either side of `bar`?
  [[nodiscard]] bool undecided(double bar) const { return least() < bar && bar < most(); }
};
/// `level`: the probability of each end of the interval.
[[nodiscard]] Speedup speedup_of(const LogRatio& ratio, double level = kUsualLevel);

} // namespace quill::judge
