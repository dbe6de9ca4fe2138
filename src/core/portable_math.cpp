#include "quill/core/portable_math.hpp"

#include <algorithm>
#include <cmath>

#include "quill/core/error.hpp"

namespace quill {

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

} // namespace quill
