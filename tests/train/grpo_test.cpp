// Advantages of groups, and settings that contradict each other.
#include "catch.hpp"

#include "quill/core/error.hpp"
#include "quill/core/settings.hpp"
#include "quill/train/grpo.hpp"

using namespace quill;
using namespace quill::train;

TEST_CASE("an advantage is how far a reward is from its group's mean, in deviations", "[train]") {
  // group 1: mean 0.5, deviation √((0.25 + 0.25) / 1) = 0.70711; group 2: all the same
  const auto found = group_advantages({0.0, 1.0, 0.3, 0.3}, 2, "group");
  CHECK(found.values[0] == Approx(-0.5 / (0.7071068 + 1e-4)));
  CHECK(found.values[1] == Approx(0.5 / (0.7071068 + 1e-4)));
  CHECK(found.values[2] == 0);
  CHECK(found.zero_spread == 0.5);
  CHECK(found.mean == Approx(0.4)); // 1.6 / 4
  CHECK(group_advantages({0.0, 1.0}, 2, "none").values[1] == 0.5);
  // over the step: mean 0.4, squares 0.16 + 0.36 + 0.01 + 0.01 = 0.54, deviation √(0.54 / 3)
  CHECK(group_advantages({0.0, 1.0, 0.3, 0.3}, 2, "batch").values[1] ==
        Approx(0.5 / (0.4242641 + 1e-4)));
}

TEST_CASE("a reward that is missing has no advantage and is in no mean", "[train]") {
  const auto found = group_advantages({0.0, std::nullopt, 1.0}, 3, "none");
  CHECK(found.values == std::vector<double>{-0.5, 0, 0.5});
  CHECK(group_advantages({std::nullopt, std::nullopt}, 2, "group").values ==
        std::vector<double>{0, 0});
}

TEST_CASE("a divergence needs a reference, and cispo a largest ratio", "[train]") {
  GrpoConfig config;
  config.trainee.method = "full";
  config.loss.beta = 0.1;
  CHECK_THROWS_WITH(config.check(), "--beta is 0.1, but there is no adapter whose absence would be "
                                    "the reference");
  config.loss.beta = 0;
  config.loss.loss = "cispo";
  CHECK_THROWS_WITH(config.check(), "--epsilon-high is 0.2 with --loss cispo");
}

TEST_CASE("a preset sets what was not given", "[train]") {
  GrpoConfig config;
  FieldList list("train_grpo");
  config.fields(list);
  SettingsSources sources;
  sources.flags = {{"--preset", "seed"}, {"--beta", "0.04"},   {"--model", "m"},
                   {"--data", "d"},      {"--databases", "d"}, {"--out", "o"}};
  Settings settings(sources, {&list});
  settings.apply(list);
  config.take_preset();
  settings.apply(list);
  CHECK(config.rollout.generations == 4);
  CHECK(config.rollout.length_max == 2048);
  CHECK(config.trainee.method == "qlora");
  CHECK(config.trainee.rank == 256);
  CHECK(config.optimizer.learning_rate == 2e-4);
  CHECK(config.epochs == 3);
  CHECK(config.loss.beta == 0.04);
}

TEST_CASE("steps are those of the epochs unless they are given", "[train]") {
  GrpoConfig config;
  config.rollout.exercises = 8;
  config.epochs = 3;
  config.iterations = 2;
  CHECK(config.steps_over(10) == 8); // 30 questions, 4 rounds of 8, twice each
  config.steps = 5;
  CHECK(config.steps_over(10) == 5);
}

TEST_CASE("asynchronous answers are learned from once", "[train]") {
  GrpoConfig config;
  config.asynchronous = true;
  config.iterations = 2;
  CHECK_THROWS_WITH(config.check(), "--asynchronous with --iterations 2");
}
