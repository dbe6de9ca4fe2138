#include "loop/tally.hpp"

#include "catch.hpp"

#include "loop/json_values.hpp"

using namespace quill;
using namespace quill::loop;

namespace {

IterationMetrics iteration(std::int64_t number, std::int64_t asked, std::int64_t kept) {
  IterationMetrics made;
  made.iteration = number;
  made.asked = asked;
  made.kept = kept;
  return made;
}

} // namespace

TEST_CASE("success of the last ten iterations leaves the earlier ones out", "[loop]") {
  std::vector<IterationMetrics> iterations{iteration(0, 20, 20)}; // seeds never count
  for (std::int64_t k = 1; k <= 12; ++k)
    iterations.push_back(iteration(k, 5, k <= 2 ? 0 : 4));
  const Totals all = totals(iterations, {});
  CHECK(all.iterations == 12);
  CHECK(all.asked == 60);
  CHECK(all.kept == 40);
  CHECK(*all.success_rate == Approx(40.0 / 60));
  CHECK(*all.success_rate_first_ten == Approx(32.0 / 50)); // 8 iterations with 4 of 5
  CHECK(*all.success_rate_last_ten == Approx(40.0 / 50));
}

TEST_CASE("a run without iterations has no rates, not zeros", "[loop]") {
  const Totals all = totals({iteration(0, 20, 18)}, {});
  CHECK(all.iterations == 0);
  CHECK_FALSE(all.success_rate);
  CHECK_FALSE(all.success_rate_last_ten);
  CHECK_FALSE(all.reward_mean);
  CHECK_FALSE(all.before_diversity);
  CHECK(to_json(all)["success_rate"].is_null());
}

TEST_CASE("slow-query diversity of the seeds: 20 of 467 examples is 4.3 %", "[loop]") {
  DiversityCount count;
  for (int k = 0; k < 467; ++k) {
    Example example;
    example.before = "SELECT " + std::to_string(k % 20);
    example.after = "SELECT " + std::to_string(k % 60);
    count.add(example);
  }
  CHECK(*count.get().before == Approx(20.0 / 467));
  CHECK(*count.get().after == Approx(60.0 / 467));
}

TEST_CASE("counts keep names sorted and JSON keeps their order", "[loop]") {
  Counts counts;
  for (const char* name : {"join", "indexing", "join"})
    count_up(counts, name);
  CHECK(counts == Counts{{"indexing", 1}, {"join", 2}});
  CHECK(counts_json(counts).dump() == R"({"indexing":1,"join":2})");
  CHECK(counts_from_json(counts_json(counts), "here") == counts);
}

TEST_CASE("metrics of an iteration come back from JSON as they were", "[loop]") {
  IterationMetrics made = iteration(3, 5, 2);
  made.problem = "p";
  made.by_type = {{"join", 2}};
  made.reward_mean = 0.1 + 0.2; // not representable in few digits: must survive
  made.cost_usd = 0.000123;
  CHECK(to_json(iteration_from_json(to_json(made), "here")) == to_json(made));
}
