// From samples to a speedup and how far it can be trusted. Pure.
//
// Each side is a mean without its extremes; its error is that of a trimmed mean (K. K. Yuen, "The
// two-sample trimmed t for unequal population variances", Biometrika 61, 1974): the winsorized
// variance over h(h - 1), with h samples left and h - 1 degrees of freedom. The ratio's relative
// error is the root of both squared relative errors (delta method), its degrees of freedom are
// Welch's. *Noise* is the half-width of the two-sided 95 % interval of the ratio, relative to it.
// This is the rule of one block; a sequential test over blocks would need its own bounds.
#pragma once

#include <vector>

namespace quill::judge {

/// One side's mean, the squared error of that mean, and its degrees of freedom.
struct Centre {
  double mean = 0, squared_error = 0, freedom = 1;
};

/// `3run`: the first is dropped, two are averaged. Needs exactly 3.
[[nodiscard]] Centre after_first(const std::vector<double>& samples);
/// `trimmed5`: fastest and slowest are dropped, three are averaged. Needs exactly 5.
[[nodiscard]] Centre trimmed(std::vector<double> samples);
/// Several blocks of one side: the mean of their means. Its error is the larger of what the blocks
/// say of themselves and of how far they lie apart (drift). Needs at least one.
[[nodiscard]] Centre pooled(const std::vector<Centre>& blocks);

struct Speedup {
  double ratio = 1; ///< before / after
  double noise = 0; ///< relative, 0.05 = ± 5 %
  /// A win larger than the noise.
  [[nodiscard]] bool significant() const { return ratio > 1 + noise; }
  /// Could the true ratio lie on either side of `bar`?
  [[nodiscard]] bool undecided(double bar) const {
    return ratio / (1 + noise) < bar && bar < ratio * (1 + noise);
  }
};
[[nodiscard]] Speedup speedup_of(const Centre& before, const Centre& after);

} // namespace quill::judge
