#include "judge/noise.hpp"

#include <cmath>

#include "catch.hpp"

using namespace quill::judge;

namespace {

Speedup of(std::vector<double> before, std::vector<double> after) {
  return speedup_of(log_ratio(trimmed(std::move(before)), trimmed(std::move(after))));
}

} // namespace

TEST_CASE("3run drops the first sample and averages two", "[judge]") {
  const auto centre = after_first({90, 10, 14});
  CHECK(centre.mean == 12);         // (10 + 14) / 2
  CHECK(centre.squared_error == 4); // (10 - 14)² / 4
  CHECK(centre.freedom == 1);
}

TEST_CASE("trimmed5 drops the fastest and the slowest and averages three", "[judge]") {
  const auto centre = trimmed({100, 10, 1, 12, 14});
  CHECK(centre.mean == 12); // (10 + 12 + 14) / 3
  // Winsorized: 10 10 12 14 14 about 12: 4 + 4 + 0 + 4 + 4 = 16; over 3·2.
  CHECK(centre.squared_error == Approx(16.0 / 6));
  CHECK(centre.freedom == 2);
}

TEST_CASE("samples that repeat exactly have no noise", "[judge]") {
  const auto speedup = of({20, 20, 20, 20, 20}, {10, 10, 10, 10, 10});
  CHECK(speedup.ratio == Approx(2));
  CHECK(speedup.noise == 0);
  CHECK(speedup.significant());
}

TEST_CASE("the same time twice is no win", "[judge]") {
  const auto speedup = of({10, 10, 10, 10, 10}, {10, 10, 10, 10, 10});
  CHECK(speedup.ratio == 1);
  CHECK_FALSE(speedup.significant());
}

TEST_CASE("noise is Student's quantile times both relative errors, on the logarithm", "[judge]") {
  // Both sides: mean 12, squared error 16/6, so relative square 2.6667 / 144 = 0.018519 each.
  // Equal errors with 2 degrees of freedom each give Welch's 4: t = 2.776.
  const auto speedup = of({100, 10, 1, 12, 14}, {100, 10, 1, 12, 14});
  CHECK(speedup.noise ==
        Approx(std::exp(2.7764 * std::sqrt(2 * 16.0 / 6 / 144)) - 1).epsilon(1e-4));
  CHECK_FALSE(speedup.significant());
}

TEST_CASE("a win smaller than the noise is not significant", "[judge]") {
  // before 12 ± , after 10 ±: 1.2x, noise above 0.5.
  const auto speedup = of({100, 10, 1, 12, 14}, {8, 10, 12, 1, 90});
  CHECK(speedup.ratio == Approx(1.2));
  CHECK(speedup.noise > 0.2);
  CHECK_FALSE(speedup.significant());
}

TEST_CASE("pooled blocks average their logarithms, and how they differ is noise", "[judge]") {
  const LogRatio low{.value = 0.1, .squared_error = 0, .freedom = 4};
  const LogRatio high{.value = 0.3, .squared_error = 0, .freedom = 4};
  const auto both = pooled({low, high});
  CHECK(both.value == Approx(0.2));
  CHECK(both.squared_error == Approx(0.01)); // (0.1² + 0.1²) / (2·1)
  CHECK(both.freedom == 8);
}

TEST_CASE("blocks that agree have the smaller error of their mean", "[judge]") {
  const LogRatio block{.value = 0.2, .squared_error = 0.04, .freedom = 4};
  CHECK(pooled({block, block}).squared_error == Approx(0.02)); // 2 · 0.04 / 2²
  CHECK(pooled({block}).squared_error == Approx(0.04));
}

TEST_CASE("a speedup is open when its interval holds the bar", "[judge]") {
  const Speedup near{.ratio = 1.6, .noise = 0.2}; // 1.33 … 1.92
  CHECK(near.undecided(1.5));
  const Speedup above{.ratio = 2.0, .noise = 0.2}; // 1.67 … 2.4
  CHECK_FALSE(above.undecided(1.5));
  const Speedup below{.ratio = 1.1, .noise = 0.2}; // 0.92 … 1.32
  CHECK_FALSE(below.undecided(1.5));
}

TEST_CASE("a time of zero does not divide by zero, and no noise is infinite", "[judge]") {
  const auto speedup = of({1, 1, 1, 1, 1}, {0, 0, 0, 0, 0});
  CHECK(std::isfinite(speedup.ratio));
  CHECK(speedup.significant());
  CHECK(std::isfinite(of({1, 1e9, 1, 1e9, 1}, {1e9, 1, 1e9, 1, 1e9}).noise));
}
