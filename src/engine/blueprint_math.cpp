#include "engine/blueprint_math.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quill/core/error.hpp"

namespace quill::engine::seed {

double round_to(double x, int decimals) {
  double scale = 1;
  for (int i = 0; i < decimals; ++i)
    scale *= 10;
  return std::floor(x * scale + 0.5) / scale;
}

ZipfCurve::ZipfCurve(std::int64_t n, double skew, double flatten)
    : n_(n), exponent_(1 - skew), flatten_(flatten), low_(0), span_(0) {
  const double high = static_cast<double>(n) + flatten;
  if (std::abs(exponent_) < 1e-9) {
    exponent_ = 0;
    low_ = portable_log(flatten);
    span_ = portable_log(high) - low_;
  } else {
    low_ = portable_exp(exponent_ * portable_log(flatten));
    span_ = portable_exp(exponent_ * portable_log(high)) - low_;
  }
}

std::int64_t ZipfCurve::rank(double u) const {
  const double at = low_ + u * span_;
  const double x = exponent_ == 0 ? portable_exp(at) : portable_exp(portable_log(at) / exponent_);
  const double rank = std::floor(x - flatten_);
  return static_cast<std::int64_t>(std::clamp(rank, 0.0, static_cast<double>(n_ - 1)));
}

Scatter::Scatter(std::int64_t n, Rng rng)
    : n_(static_cast<std::uint64_t>(n)), factor_(1 + rng.below(n_)), offset_(rng.below(n_)) {
  while (std::gcd(factor_, n_) != 1) // ends at the latest at 1, which is reached through n + 1
    factor_ = factor_ % n_ + 1;
}

std::int64_t Scatter::operator()(std::int64_t rank) const {
  // n <= 1e9, so the product stays below 2^60.
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(rank) * factor_ + offset_) % n_);
}

} // namespace quill::engine::seed
