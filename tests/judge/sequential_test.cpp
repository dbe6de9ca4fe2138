#include "judge/sequential.hpp"

#include <cmath>

#include "catch.hpp"
#include "quill/core/random.hpp"

using namespace quill::judge;

namespace {

LogRatio block(double ratio, double relative_error, double freedom = 4) {
  return {.value = std::log(ratio),
          .squared_error = relative_error * relative_error,
          .freedom = freedom};
}

/// Five samples a side around `before` and 1, with a normal error on the logarithm.
LogRatio simulated(quill::Rng& random, double before, double error) {
  std::vector<double> slow, fast;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(before * std::exp(error * random.normal()));
    fast.push_back(std::exp(error * random.normal()));
  }
  return log_ratio(trimmed(slow), trimmed(fast));
}

/// The share of trials that end as a win.
double wins(double before, double error, int trials) {
  quill::Rng random(7);
  int count = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<LogRatio> blocks;
    do
      blocks.push_back(simulated(random, before, error));
    while (!is_decided(blocks, 1.5));
    count += sequential_speedup(blocks).significant() ? 1 : 0;
  }
  return static_cast<double>(count) / trials;
}

} // namespace

TEST_CASE("the looks together spend the whole error and no more", "[judge]") {
  double sum = 0;
  for (std::size_t look = 1; look <= kBlocksMax; ++look)
    sum += level_of(look);
  CHECK(sum == Approx(kFalseWins));
  CHECK(error_spent(0) == 0);
  CHECK(error_spent(kBlocksMax) == Approx(kFalseWins));
  CHECK(error_spent(kBlocksMax + 1) == Approx(kFalseWins));
}

TEST_CASE("the first look asks for more than the usual level", "[judge]") {
  // 4 degrees of freedom, level 0.005 / 8: t = 8.122. Error 2 %: e^0.1624 - 1 = 0.1764.
  const std::vector<LogRatio> blocks{block(1.15, 0.02)};
  CHECK(sequential_speedup(blocks).noise == Approx(0.1764).epsilon(1e-3));
  CHECK_FALSE(sequential_speedup(blocks).significant());
  CHECK(speedup_of(blocks.front()).significant()); // t = 2.776: 5.7 %
}

TEST_CASE("a clear win and a clear loss need one block", "[judge]") {
  CHECK(is_decided({block(10, 0.02)}, 1.5));
  CHECK(is_decided({block(0.5, 0.02)}, 1.5));
  CHECK(is_decided({block(1.0, 0.01)}, 1.5)); // no win of 1.10x or more
}

TEST_CASE("an open question is given blocks, and at most eight", "[judge]") {
  std::vector<LogRatio> blocks;
  for (std::size_t count = 1; count < kBlocksMax; ++count) {
    blocks.push_back(block(1.3, 0.5));
    CHECK_FALSE(is_decided(blocks, 1.5));
  }
  blocks.push_back(block(1.3, 0.5));
  CHECK(is_decided(blocks, 1.5));
}

TEST_CASE("a win that lies near the bar is measured on", "[judge]") {
  CHECK_FALSE(is_decided({block(1.52, 0.02)}, 1.5)); // significant, but 1.44 … 1.61
  CHECK(is_decided({block(1.52, 0.02)}, 1.2));
}

TEST_CASE("equal speeds are seldom called a win, however often it looks", "[judge]") {
  // 4,000 trials; 0.005 expected at most, and three standard errors of 0.0011 above it.
  CHECK(wins(1.0, 0.3, 4000) <= 0.0084);
  CHECK(wins(1.0, 0.05, 4000) <= 0.0084);
}

TEST_CASE("a query that is 1.3x slower is found under a noise of 10 % a sample", "[judge]") {
  CHECK(wins(1.3, 0.02, 1000) == 1);
  CHECK(wins(1.3, 0.10, 1000) >= 0.95);
}
