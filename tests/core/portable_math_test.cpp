#include "quill/core/portable_math.hpp"

#include <cmath>

#include "catch.hpp"

using namespace quill;

TEST_CASE("the portable logarithm agrees with the C library to 1e-14", "[core]") {
  for (const double x : {1e-300, 1e-9, 0.25, 0.7071, 1.0, 2.0, 3.0, 10.0, 1e9, 1e300})
    CHECK(std::abs(portable_log(x) - std::log(x)) <= 1e-14 * std::max(1.0, std::abs(std::log(x))));
}

TEST_CASE("the portable exponential agrees with the C library to 1e-13", "[core]") {
  for (const double x : {-690.0, -20.0, -0.5, 0.0, 1e-12, 0.34, 1.0, 9.21, 300.0, 690.0})
    CHECK(portable_exp(x) == Approx(std::exp(x)).epsilon(1e-13));
}

TEST_CASE("the exponential of what no double holds is cut, not infinite", "[core]") {
  CHECK(std::isfinite(portable_exp(1e9)));
  CHECK(portable_exp(-1e9) > 0);
}
