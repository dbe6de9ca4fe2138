#include <cmath>
#include <set>

#include "catch.hpp"
#include "engine/blueprint_math.hpp"

using namespace quill;
using namespace quill::engine::seed;

TEST_CASE("the portable logarithm agrees with the C library to 1e-14", "[engine]") {
  for (const double x : {1e-300, 1e-9, 0.25, 0.7071, 1.0, 2.0, 3.0, 10.0, 1e9, 1e300})
    CHECK(std::abs(portable_log(x) - std::log(x)) <= 1e-14 * std::max(1.0, std::abs(std::log(x))));
}

TEST_CASE("the portable exponential agrees with the C library to 1e-13", "[engine]") {
  for (const double x : {-690.0, -20.0, -0.5, 0.0, 1e-12, 0.34, 1.0, 9.21, 300.0, 690.0})
    CHECK(portable_exp(x) == Approx(std::exp(x)).epsilon(1e-13));
}

TEST_CASE("the exponential of what no double holds is cut, not infinite", "[engine]") {
  CHECK(std::isfinite(portable_exp(1e9)));
  CHECK(portable_exp(-1e9) > 0);
}

TEST_CASE("rounding goes up at the half and keeps the decimals asked for", "[engine]") {
  CHECK(round_to(2.5, 0) == 3);
  CHECK(round_to(-2.5, 0) == -2);
  CHECK(round_to(12.344999, 2) == 12.34);
  CHECK(round_to(0.1 + 0.2, 6) == 0.3);
}

TEST_CASE("Zipf ranks have the shares of their curve", "[engine]") {
  // skew 1, flatten 1, n 1000: P(rank 0) = ln(2)/ln(1001) = 0.6931/6.9088 = 0.1003.
  const ZipfCurve curve(1000, 1, 1);
  Rng rng(7);
  int first = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i)
    first += curve.rank(rng.uniform()) == 0;
  CHECK(first == Approx(10'030).margin(300)); // 3 standard deviations of sqrt(n p q) = 95
}

TEST_CASE("without skew all ranks are alike, and the ends are inside", "[engine]") {
  const ZipfCurve curve(10, 0, 1);
  CHECK(curve.rank(0) == 0);
  CHECK(curve.rank(0.0999) == 0);
  CHECK(curve.rank(0.1001) == 1);
  CHECK(curve.rank(1 - 0x1p-53) == 9);
  CHECK(ZipfCurve(1, 2.5, 0.01).rank(0.999) == 0);
}

TEST_CASE("scattering is a bijection for every size", "[engine]") {
  for (const std::int64_t n : {1, 2, 3, 4, 10, 97, 1000}) {
    const Scatter scatter(n, Rng(static_cast<std::uint64_t>(n)));
    std::set<std::int64_t> seen;
    for (std::int64_t rank = 0; rank < n; ++rank)
      seen.insert(scatter(rank));
    CHECK(seen.size() == static_cast<std::size_t>(n));
    CHECK(*seen.begin() == 0);
    CHECK(*seen.rbegin() == n - 1);
  }
}
