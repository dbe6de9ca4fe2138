#include <set>

#include "catch.hpp"
#include "engine/blueprint_math.hpp"

using namespace quill;
using namespace quill::engine::seed;

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
