#include "catch.hpp"

#include "quill/train/schedule.hpp"

using namespace quill::train;

TEST_CASE("the learning rate rises over the warm-up and falls along half a cosine", "[train]") {
  OptimizerConfig config;
  config.warmup = 0.2; // 2 of 10 steps
  CHECK(learning_rate_share(config, 0, 10) == 0);
  CHECK(learning_rate_share(config, 1, 10) == 0.5);
  CHECK(learning_rate_share(config, 2, 10) == 1);
  CHECK(learning_rate_share(config, 6, 10) == Approx(0.5)); // half of the 8 steps that are left
}

TEST_CASE("it falls along a line, or stays", "[train]") {
  OptimizerConfig config;
  config.warmup = 0;
  config.schedule = "linear";
  CHECK(learning_rate_share(config, 5, 10) == 0.5);
  CHECK(learning_rate_share(config, 9, 10) == Approx(0.1));
  config.schedule = "constant";
  CHECK(learning_rate_share(config, 9, 10) == 1);
}
