#include "catch.hpp"

#include "program.hpp"

using quill::test::Shell;

TEST_CASE("calibrate tells of each way of timing what it calls and what it finds", "[cli]") {
  const Shell shell;
  const auto outcome = shell.quill({"calibrate", "--trials", "2", "--longest-ms", "0.2", "--timing",
                                    "all", "--json", "--quiet"});
  INFO(outcome.err);
  CHECK((outcome.exit == 0 || outcome.exit == 1)); // two trials say little on a busy machine
  CHECK(outcome.err.empty());
  const auto json = outcome.json();
  CHECK(json.at("format_version") == 1);
  CHECK(json.at("worker_ms").get<double>() > 0);
  REQUIRE(json.at("timings").size() == 3);
  for (const auto& timing : json.at("timings")) {
    CHECK(timing.at("against_itself").at("trials") == 2);
    CHECK(timing.at("against_slower").at("trials") == 2);
    CHECK(timing.at("keeps").is_boolean());
  }
  CHECK(json.at("keeps").is_boolean());
}

TEST_CASE("calibrate refuses a longest query that is shorter than the shortest", "[cli]") {
  const Shell shell;
  const auto outcome = shell.quill({"calibrate", "--shortest-us", "900", "--longest-ms", "0.5"});
  CHECK(outcome.exit == 2);
  CHECK(quill::test::is_three_lines(outcome.err));
}
