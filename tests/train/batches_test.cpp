#include "catch.hpp"

#include <algorithm>
#include <set>

#include "quill/train/batches.hpp"

using namespace quill::train;

namespace {

BatchPlan plan(BatchConfig config, std::size_t samples = 10) {
  std::vector<std::size_t> sources(samples, 0);
  for (std::size_t i = samples / 2; i < samples; ++i)
    sources[i] = 1;
  return {std::move(config), std::vector<std::int64_t>(samples, 5), std::move(sources)};
}

BatchConfig small_batches() {
  BatchConfig config;
  config.rows_per_batch = 2;
  config.batches_per_step = 2;
  return config;
}

std::vector<std::size_t> flat(const std::vector<std::vector<std::size_t>>& batches) {
  std::vector<std::size_t> all;
  for (const auto& batch : batches)
    all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

} // namespace

TEST_CASE("best fit puts each sample where the least room is left", "[train]") {
  // 7 | 6 | 5 → room 3, 4, 5; 4 fits 4 exactly; 3 fits 3 exactly; 2 goes to the row with 5 left.
  CHECK(best_fit({7, 2, 6, 3, 5, 4}, 10) == std::vector<Row>{{0, 3}, {2, 5}, {4, 1}});
}

TEST_CASE("an epoch has every sample once, in an order of its own", "[train]") {
  BatchPlan shuffled = plan(small_batches());
  CHECK(shuffled.steps_of(2) == 5); // 2 epochs of 10 rows, 4 a step
  std::vector<std::size_t> order;
  for (std::int64_t step = 0; step < 5; ++step)
    for (const std::size_t sample : flat(shuffled.step(step, 2)))
      order.push_back(sample);
  REQUIRE(order.size() == 20);
  const std::vector<std::size_t> first(order.begin(), order.begin() + 10),
      second(order.begin() + 10, order.end());
  CHECK(std::set<std::size_t>(first.begin(), first.end()).size() == 10);
  CHECK(std::set<std::size_t>(second.begin(), second.end()).size() == 10);
  CHECK(first != second);
}

TEST_CASE("a step is the same whatever was asked before it", "[train]") {
  BatchPlan one = plan(small_batches()), other = plan(small_batches());
  for (std::int64_t step = 0; step < 7; ++step)
    (void)one.step(step, 0);
  CHECK(one.step(7, 0) == other.step(7, 0));
}

TEST_CASE("a curriculum keeps the order of its files in every epoch", "[train]") {
  BatchConfig config = small_batches();
  config.order = "curriculum";
  BatchPlan curriculum = plan(config);
  CHECK(curriculum.step(0, 2) == std::vector<std::vector<std::size_t>>{{0, 1}, {2, 3}});
  CHECK(flat(curriculum.step(2, 2)) == std::vector<std::size_t>{8, 9, 0, 1});
}

TEST_CASE("the last step of the last epoch is smaller", "[train]") {
  BatchConfig config = small_batches();
  config.order = "curriculum";
  BatchPlan curriculum = plan(config);
  CHECK(curriculum.steps_of(1) == 3);
  CHECK(flat(curriculum.step(2, 1)) == std::vector<std::size_t>{8, 9});
}

TEST_CASE("weighted sampling draws from each file by its share", "[train]") {
  BatchConfig config;
  config.order = "weighted";
  config.weights = {0.3, 0.7};
  config.rows_per_batch = 1000;
  BatchPlan weighted = plan(config, 1000);
  const auto drawn = flat(weighted.step(0, 0));
  const auto of_first =
      std::count_if(drawn.begin(), drawn.end(), [](std::size_t sample) { return sample < 500; });
  CHECK(of_first > 250); // 300 expected, deviation 14.5
  CHECK(of_first < 350);
}

TEST_CASE("epochs are told with the part of the one a step is in", "[train]") {
  BatchPlan shuffled = plan(small_batches());
  CHECK(shuffled.epoch_at(0) == 0);
  CHECK(shuffled.epoch_at(2) == Approx(0.8)); // 8 of 10 rows
  CHECK(shuffled.epoch_at(5) == Approx(2.0));
}
