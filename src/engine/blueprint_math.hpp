// Distributions of a blueprint in arithmetic that gives the same bits on every machine.
#pragma once

#include <cstdint>

#include "quill/core/portable_math.hpp"
#include "quill/core/random.hpp"

namespace quill::engine::seed {

/// Half away from floor: 2.5 → 3, -2.5 → -2. |x| * 10^decimals must stay below 2^53.
[[nodiscard]] double round_to(double x, int decimals);

/// Ranks 0 … n-1 with probability proportional to about (rank + flatten)^-skew, by inverting the
/// continuous curve: no table, so any n costs the same (Zipf-Mandelbrot, cut to whole ranks).
class ZipfCurve {
 public:
  ZipfCurve(std::int64_t n, double skew, double flatten);
  /// `u` uniform in [0, 1).
  [[nodiscard]] std::int64_t rank(double u) const;

 private:
  std::int64_t n_;
  double exponent_; ///< 1 - skew
  double flatten_;
  double low_, span_;
};

/// A bijection of 0 … n-1, so that the busiest parents are not the first rows.
class Scatter {
 public:
  Scatter(std::int64_t n, Rng rng);
  [[nodiscard]] std::int64_t operator()(std::int64_t rank) const;

 private:
  std::uint64_t n_, factor_, offset_;
};

} // namespace quill::engine::seed
