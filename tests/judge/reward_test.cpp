#include "quill/judge/reward.hpp"

#include <cmath>

#include "catch.hpp"

using namespace quill::judge;

TEST_CASE("table rewards are those of the table at its speedups", "[judge]") {
  const auto table = [](double speedup) { return speed_reward(speedup, RewardScheme::table); };
  CHECK(table(1.5) == 0.25);
  CHECK(table(2) == 0.45);
  CHECK(table(5) == 0.60);
  CHECK(table(10) == 0.70);
  CHECK(table(50) == 0.85);
  CHECK(table(1000) == 0.95);
}

TEST_CASE("table rewards are interpolated on log speedup between two points", "[judge]") {
  const auto table = [](double speedup) { return speed_reward(speedup, RewardScheme::table); };
  // sqrt(a·b) lies in the middle of a and b on a log scale.
  CHECK(table(std::sqrt(1 * 1.5)) == Approx(0.125));    // (0 + 0.25) / 2
  CHECK(table(std::sqrt(1.5 * 2)) == Approx(0.35));     // (0.25 + 0.45) / 2
  CHECK(table(std::sqrt(2 * 5)) == Approx(0.525));      // (0.45 + 0.60) / 2
  CHECK(table(std::sqrt(5 * 10)) == Approx(0.65));      // (0.60 + 0.70) / 2
  CHECK(table(std::sqrt(10 * 50)) == Approx(0.775));    // (0.70 + 0.85) / 2
  CHECK(table(std::sqrt(50 * 1000.0)) == Approx(0.90)); // (0.85 + 0.95) / 2
  CHECK(table(3) == Approx(0.45 + 0.15 * std::log(1.5) / std::log(2.5)));
}

TEST_CASE("a table reward is 0 at or below 1x and 0.95 above 1000x", "[judge]") {
  CHECK(speed_reward(1, RewardScheme::table) == 0);
  CHECK(speed_reward(0.5, RewardScheme::table) == 0);
  CHECK(speed_reward(0, RewardScheme::table) == 0);
  CHECK(speed_reward(std::nan(""), RewardScheme::table) == 0);
  CHECK(speed_reward(5000, RewardScheme::table) == 0.95);
  CHECK(speed_reward(INFINITY, RewardScheme::table) == 0.95);
}

TEST_CASE("log rewards are log10(speedup + 1), at most 1", "[judge]") {
  const auto log = [](double speedup) { return speed_reward(speedup, RewardScheme::log); };
  CHECK(log(1) == Approx(0.30103).epsilon(1e-5)); // log 2 / log 10
  CHECK(log(9) == Approx(1.0));                   // log 10 / log 10
  CHECK(log(4) == Approx(0.69897).epsilon(1e-5)); // log 5 / log 10
  CHECK(log(99) == 1.0);                          // log 100 / log 10 = 2, cut
  CHECK(log(0) == 0);
}

TEST_CASE("thresholds are 0.5 for log and 0.25 for table", "[judge]") {
  CHECK(default_threshold(RewardScheme::log) == 0.5);
  CHECK(default_threshold(RewardScheme::table) == 0.25);
}

TEST_CASE("the readability bonus adds at most 0.2 either way, and never goes below 0", "[judge]") {
  CHECK(reward_of(2, 0.1, RewardScheme::table) == Approx(0.55));  // 0.45 + 0.1
  CHECK(reward_of(2, -0.1, RewardScheme::table) == Approx(0.35)); // 0.45 - 0.1
  CHECK(reward_of(2, 5, RewardScheme::table) == Approx(0.65));    // 0.45 + 0.2
  CHECK(reward_of(1, -0.2, RewardScheme::table) == 0);            // 0 - 0.2, cut
}

TEST_CASE("kept needs a correct answer, a significant win, enough speed and enough reward",
          "[judge]") {
  const Bar bar{.min_speedup = 1.5, .threshold = 0.25};
  const Win win{.correct = true, .significant = true, .speedup = 1.5, .reward = 0.25};
  CHECK(is_kept(win, bar));

  Win other = win;
  other.correct = false;
  CHECK_FALSE(is_kept(other, bar));
  other = win;
  other.significant = false;
  CHECK_FALSE(is_kept(other, bar));
  other = win;
  other.speedup = 1.49;
  CHECK_FALSE(is_kept(other, bar));
  other = win;
  other.reward = 0.24;
  CHECK_FALSE(is_kept(other, bar));
}

TEST_CASE("a readability bonus alone keeps nothing", "[judge]") {
  // 1.3x is worth 0.25·log 1.3 / log 1.5 = 0.16; with the bonus 0.36, above the threshold.
  const double reward = reward_of(1.3, 0.2, RewardScheme::table);
  REQUIRE(reward > 0.25);
  CHECK_FALSE(is_kept({.correct = true, .significant = true, .speedup = 1.3, .reward = reward},
                      {.min_speedup = 1.5, .threshold = 0.25}));
}

TEST_CASE("speedup bands begin at 1.5x, 2x, 10x and 100x", "[judge]") {
  CHECK(speedup_band(0.7) == "1-1.5x");
  CHECK(speedup_band(1.49) == "1-1.5x");
  CHECK(speedup_band(1.5) == "1.5-2x");
  CHECK(speedup_band(2) == "2-10x");
  CHECK(speedup_band(9.99) == "2-10x");
  CHECK(speedup_band(10) == "10-100x");
  CHECK(speedup_band(100) == "100x+");
}
