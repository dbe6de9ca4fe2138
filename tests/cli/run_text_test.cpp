#include "catch.hpp"

#include "cli/run_text.hpp"

using namespace quill;
using namespace quill::cli;

namespace {

loop::Analysis analysis(double first, double last) {
  loop::Analysis made;
  made.source = "runs/a/run.db";
  made.totals.distinct = 4;
  made.totals.by_rule = {{"index-single", 1}, {"exists-to-in+index-single", 2}, {"a+a", 1}};
  made.over_time = {
      {.first = 1, .last = 5, .asked = 10, .kept = 5, .success_rate = first, .reward_mean = 0.5},
      {.first = 6,
       .last = 10,
       .asked = 10,
       .kept = 9,
       .success_rate = last,
       .reward_mean = std::nullopt}};
  return made;
}

} // namespace

TEST_CASE("shares print with one decimal, unknown ones as a dash", "[cli]") {
  CHECK(percent(0.894) == "89.4 %");
  CHECK(percent(1) == "100.0 %");
  CHECK(percent(std::nullopt) == "-");
}

TEST_CASE("a composed rule counts once for each rule in it, the busiest first", "[cli]") {
  const std::string text = analysis_text(analysis(0.5, 0.9), false);
  // 1 + 2 of 4 examples used index-single, 2 exists-to-in, 1 a (twice in one example)
  CHECK(text.find("rule at work  kept   share\n"
                  "index-single     3  75.0 %  ███████████████░░░░░\n"
                  "exists-to-in     2  50.0 %  ██████████░░░░░░░░░░\n"
                  "a                1  25.0 %  █████░░░░░░░░░░░░░░░\n") != std::string::npos);
}

TEST_CASE("an unfinished run says so", "[cli]") {
  loop::Analysis half = analysis(0.5, 0.9);
  half.finished = false;
  CHECK(analysis_text(half, false).starts_with("runs/a/run.db (the run is not finished)\n"));
}

TEST_CASE("two runs stand side by side with their difference in points", "[cli]") {
  const std::string text = beside_text(analysis(0.5, 0.9), analysis(0.5, 0.6), false);
  CHECK(text ==
        "\nsuccess rate beside runs/a\n"
        "iterations  this run                        beside                        difference\n"
        "1-5           50.0 %  ██████████░░░░░░░░░░  50.0 %  ██████████░░░░░░░░░░        +0.0\n"
        "6-10          90.0 %  ██████████████████░░  60.0 %  ████████████░░░░░░░░       +30.0\n"
        "distinct kept examples: 4 beside 4\n");
}
