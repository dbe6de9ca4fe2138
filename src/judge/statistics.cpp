#include "judge/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quill::judge {

namespace {

constexpr double kError = 0.05; ///< of the one-sided 95 % intervals

/// Keeps a denominator of the continued fraction away from 0.
double away_from_zero(double value) {
  constexpr double kTiny = 1e-300;
  return std::abs(value) < kTiny ? kTiny : value;
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr int kTermsMax = 1000;
  constexpr double kEnough = 1e-15;
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double product = d;
  const auto take = [&](double term) {
    d = 1 / away_from_zero(1 + term * d);
    c = away_from_zero(1 + term / c);
    product *= d * c;
    return std::abs(d * c - 1) < kEnough;
  };
  for (int m = 1; m <= kTermsMax; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    (void)take(even);
    if (take(odd))
      break;
  }
  return product;
}

/// I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0 || x >= 1)
    return x <= 0 ? 0 : 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2))
    return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

/// P(at least `count` of `trials`) when each comes with `share`.
double at_least(double count, double trials, double share) {
  return incomplete_beta(count, trials - count + 1, share);
}

} // namespace

double student_tail(double t, double freedom) {
  return 0.5 * incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double student_quantile(double level, double freedom) {
  if (level >= 0.5)
    return 0;
  double low = 0;
  double high = 1;
  while (student_tail(high, freedom) > level && high < 1e12)
    low = std::exchange(high, 2 * high);
  while (high - low > 1e-9 * high) {
    const double middle = low + (high - low) / 2;
    (student_tail(middle, freedom) > level ? low : high) = middle;
  }
  return high;
}

double share_at_least(std::int64_t count, std::int64_t trials) {
  if (count <= 0 || trials <= 0)
    return 0;
  double low = 0;
  double high = 1;
  while (high - low > 1e-12) {
    const double middle = low + (high - low) / 2;
    const bool likely =
        at_least(static_cast<double>(count), static_cast<double>(trials), middle) > kError;
    (likely ? high : low) = middle;
  }
  return low;
}

double share_at_most(std::int64_t count, std::int64_t trials) {
  return trials <= 0 ? 1 : 1 - share_at_least(trials - count, trials);
}

} // namespace quill::judge
