#include "engine/blueprint_math.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "quill/core/error.hpp"

namespace quill::engine::seed {

namespace {
constexpr double kLn2 = 0.693147180559945309;
}

double portable_log(double x) {
  QUILL_CHECK(x > 0 && std::isfinite(x), "log of a number that is not positive");
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent); // exact; in [0.5, 1)
  if (mantissa < 0.70710678118654752) {
    mantissa *= 2;
    --exponent;
  }
  // log(m) = 2 atanh(t), t = (m - 1)/(m + 1), |t| < 0.172: 12 odd terms leave less than 1e-17.
  const double t = (mantissa - 1) / (mantissa + 1);
  const double square = t * t;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2)
    sum = sum * square + 1.0 / k;
  return 2 * t * sum + exponent * kLn2;
}

double portable_exp(double x) {
  x = std::clamp(x, -700.0, 700.0);
  const double halvings = std::floor(x / kLn2 + 0.5);
  const double rest = x - halvings * kLn2; // |rest| <= 0.347: 15 terms leave less than 1e-17
  double sum = 1;
  for (int k = 15; k >= 1; --k)
    sum = 1 + sum * rest / k;
  return std::ldexp(sum, static_cast<int>(halvings));
}

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
