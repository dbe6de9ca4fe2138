#include "quill/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "catch.hpp"
#include "quill/core/error.hpp"

using namespace quill;

// The golden numbers come from an independent implementation of the published xoshiro256** and
// splitmix64, itself checked against the first outputs of the reference C code for state {1,2,3,4}:
// 11520, 0, 1509978240, 1215971899390074240.
TEST_CASE("the same seed gives the published sequence", "[core]") {
  Rng rng(42);
  CHECK(rng.next() == 1546998764402558742ULL);
  CHECK(rng.next() == 6990951692964543102ULL);
  CHECK(rng.next() == 12544586762248559009ULL);
  CHECK(rng.next() == 17057574109182124193ULL);
  CHECK(Rng(0).next() == 11091344671253066420ULL);
}

TEST_CASE("a child is named, and does not depend on what its parent drew", "[core]") {
  Rng parent(42);
  Rng early = parent.child("rollout");
  static_cast<void>(parent.next());
  Rng late = parent.child("rollout");
  CHECK(early.next() == 665669599060428489ULL);
  CHECK(late.next() == 665669599060428489ULL);
  CHECK(parent.child("rollout", 7).next() == 9035983161415664351ULL);
  CHECK(parent.child("rollout").next() != parent.child("judge").next());
  CHECK(parent.child("rollout", 0).next() != parent.child("rollout", 1).next());
}

TEST_CASE("below() gives the known draws and stays in its range", "[core]") {
  Rng rng(42);
  std::vector<std::uint64_t> dice(12);
  std::generate(dice.begin(), dice.end(), [&] { return rng.below(6); });
  CHECK(dice == std::vector<std::uint64_t>{0, 2, 4, 5, 5, 4, 4, 5, 4, 3, 4, 1});
  CHECK(rng.below(1) == 0);
  const std::uint64_t large = (1ULL << 63U) + 1; // about half of all draws are drawn again
  for (int i = 0; i < 1000; ++i)
    REQUIRE(rng.below(large) < large);
  CHECK_THROWS_AS(rng.below(0), Bug);
}

TEST_CASE("below() favours nobody", "[core]") {
  Rng rng(1);
  std::vector<int> counts(10);
  for (int i = 0; i < 100'000; ++i)
    ++counts[rng.below(10)];
  // Binomial(100000, 0.1): mean 10000, standard deviation sqrt(9000) = 95; five of them.
  for (const int count : counts)
    CHECK(std::abs(count - 10'000) < 475);
}

TEST_CASE("between() takes both ends and the whole range of 64 bits", "[core]") {
  Rng rng(3);
  std::vector<bool> seen(3);
  for (int i = 0; i < 100; ++i)
    seen[static_cast<std::size_t>(rng.between(-1, 1) + 1)] = true;
  CHECK(seen == std::vector<bool>{true, true, true});
  CHECK(rng.between(5, 5) == 5);
  static_cast<void>(rng.between(INT64_MIN, INT64_MAX)); // 2^64 values: no bound fits 64 bits
  CHECK_THROWS_AS(rng.between(1, 0), Bug);
}

TEST_CASE("uniform() has 53 bits", "[core]") {
  Rng rng(42);
  CHECK(rng.uniform() == 0.08386297105988216);
  CHECK(rng.uniform() == 0.3789802506626686);
  CHECK(rng.uniform() == 0.6800434110281394);
}

TEST_CASE("normal() has the known draws, mean 0 and variance 1", "[core]") {
  Rng golden(42);
  // From the independent implementation with its own logarithm: equal to 1e-15 relative.
  for (const double expected :
       {-0.7262191382447857, 0.2216227015035933, 0.46417731016247366, 1.476249461018415})
    CHECK(golden.normal() == Approx(expected).epsilon(1e-15));
  Rng rng(7);
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / kDraws) < 5 / std::sqrt(kDraws)); // five standard errors
  CHECK(std::abs(squares / kDraws - 1) < 5 * std::sqrt(2.0 / kDraws));
}

TEST_CASE("normal() repeats to the last bit", "[core]") {
  Rng rng(42);
  CHECK(rng.normal() == -0x1.73d2feb0fb377p-1);
  CHECK(rng.normal() == 0x1.c5e21f7812a4ep-3);
}

TEST_CASE("weighted() never picks a weight of zero", "[core]") {
  Rng rng(9);
  std::vector<int> counts(4);
  for (int i = 0; i < 10'000; ++i)
    ++counts[rng.weighted({0, 1, 3, 0})];
  CHECK(counts[0] == 0);
  CHECK(counts[3] == 0);
  CHECK(std::abs(counts[2] - 7500) < 217); // sqrt(10000 · 0.75 · 0.25) = 43, five of them
  CHECK_THROWS_AS(rng.weighted({}), Bug);
  CHECK_THROWS_AS(rng.weighted({0, 0}), Bug);
  CHECK_THROWS_AS(rng.weighted({1, -1}), Bug);
  CHECK_THROWS_AS(rng.weighted({1, NAN}), Bug);
}

TEST_CASE("shuffle() keeps the items and is repeatable", "[core]") {
  std::vector<int> items(20);
  std::iota(items.begin(), items.end(), 0);
  std::vector<int> again = items;
  Rng(5).shuffle(items);
  Rng(5).shuffle(again);
  CHECK(items == again);
  CHECK_FALSE(std::is_sorted(items.begin(), items.end()));
  std::sort(items.begin(), items.end());
  CHECK(items.back() == 19);
}
