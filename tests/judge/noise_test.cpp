#include "judge/noise.hpp"

#include <cmath>

#include "catch.hpp"

using namespace quill::judge;

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
  const auto speedup = speedup_of(trimmed({20, 20, 20, 20, 20}), trimmed({10, 10, 10, 10, 10}));
  CHECK(speedup.ratio == 2);
  CHECK(speedup.noise == 0);
  CHECK(speedup.significant());
}

TEST_CASE("the same time twice is no win", "[judge]") {
  const auto speedup = speedup_of(trimmed({10, 10, 10, 10, 10}), trimmed({10, 10, 10, 10, 10}));
  CHECK(speedup.ratio == 1);
  CHECK_FALSE(speedup.significant());
}

TEST_CASE("noise is Student's quantile times both relative errors", "[judge]") {
  // Both sides: mean 12, squared error 16/6, so relative square 2.6667 / 144 = 0.018519 each.
  // Equal errors with 2 degrees of freedom each give Welch's 4: t = 2.776.
  const auto side = trimmed({100, 10, 1, 12, 14});
  const auto speedup = speedup_of(side, side);
  CHECK(speedup.noise == Approx(2.776 * std::sqrt(2 * 16.0 / 6 / 144)));
  CHECK_FALSE(speedup.significant());
}

TEST_CASE("a win smaller than the noise is not significant", "[judge]") {
  // before 12 ± , after 10 ±: 1.2x, noise about 0.5.
  const auto speedup = speedup_of(trimmed({100, 10, 1, 12, 14}), trimmed({8, 10, 12, 1, 90}));
  CHECK(speedup.ratio == Approx(1.2));
  CHECK(speedup.noise > 0.2);
  CHECK_FALSE(speedup.significant());
}

TEST_CASE("pooled blocks average their means, and drift between blocks is noise", "[judge]") {
  const Centre steady{.mean = 10, .squared_error = 0, .freedom = 2};
  const Centre later{.mean = 14, .squared_error = 0, .freedom = 2};
  const auto both = pooled({steady, later});
  CHECK(both.mean == 12);
  CHECK(both.squared_error == 4); // (4 + 4) / (2·1)
  CHECK(both.freedom == 4);
}

TEST_CASE("a speedup is open when its interval holds the bar", "[judge]") {
  const Speedup near{.ratio = 1.6, .noise = 0.2}; // 1.33 … 1.92
  CHECK(near.undecided(1.5));
  const Speedup above{.ratio = 2.0, .noise = 0.2}; // 1.67 … 2.4
  CHECK_FALSE(above.undecided(1.5));
  const Speedup below{.ratio = 1.1, .noise = 0.2}; // 0.92 … 1.32
  CHECK_FALSE(below.undecided(1.5));
}

TEST_CASE("a time of zero does not divide by zero", "[judge]") {
  const auto speedup = speedup_of(trimmed({1, 1, 1, 1, 1}), trimmed({0, 0, 0, 0, 0}));
  CHECK(std::isfinite(speedup.ratio));
  CHECK(speedup.significant());
}
