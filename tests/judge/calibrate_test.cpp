#include "quill/judge/calibrate.hpp"

#include <csignal>
#include <cstdlib>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"

using namespace quill;
using namespace quill::judge;

namespace {

Calibration calibrated(const CalibrateConfig& config) {
  const Cancel never;
  return calibrate(config, system_clock(), never, [](std::int64_t) {});
}

[[noreturn]] void spin() {
  for (volatile bool on = true; on;) {
  }
  ::_exit(0);
}

/// Processes that do nothing but take the processor.
class Spinners {
 public:
  explicit Spinners(int count) {
    for (int i = 0; i < count; ++i) {
      const pid_t child = ::fork();
      if (child == 0)
        spin();
      children_.push_back(child);
    }
  }
  ~Spinners() {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }
  Spinners(const Spinners&) = delete;
  Spinners& operator=(const Spinners&) = delete;

 private:
  std::vector<pid_t> children_;
};

} // namespace

TEST_CASE("every way of timing is tried against itself and against a slower query", "[judge]") {
  CalibrateConfig config;
  config.trials = 3;
  config.longest_ms = 0.5;
  config.timing = "all";
  const auto calibration = calibrated(config);
  REQUIRE(calibration.timings.size() == 3);
  for (const auto& each : calibration.timings) {
    CHECK(each.false_calls.trials == 3);
    CHECK(each.found.trials == 3);
    CHECK(each.runs > 2);
  }
  CHECK(calibration.timings[2].timing == "sequential");
  CHECK(calibration.clock == "processor");
  CHECK(calibration.worker_ms > 0);

  const Json json = to_json(calibration, config);
  CHECK(json["format_version"] == 1);
  CHECK(json["timings"].size() == 3);
  CHECK(json["timings"][0]["against_slower"]["trials"] == 3);
}

TEST_CASE("a clock keeps its word or does not", "[judge]") {
  Calibrated clock;
  clock.false_calls = {.count = 1, .trials = 100};
  clock.found = {.count = 95, .trials = 100};
  CHECK(clock.keeps());
  clock.false_calls.count = 2;
  CHECK_FALSE(clock.keeps());
  clock.false_calls.count = 0;
  clock.found.count = 94;
  CHECK_FALSE(clock.keeps());
}

TEST_CASE("a longest query that is shorter than the shortest is refused", "[judge]") {
  CalibrateConfig config;
  config.shortest_us = 500;
  config.longest_ms = 0.2;
  try {
    config.check();
    FAIL("it was accepted");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().what == "the shortest query, 500 us, is longer than the longest, 0.2 ms");
  }
}

TEST_CASE("stopped early, a calibration tells the trials it made", "[judge]") {
  CalibrateConfig config;
  config.longest_ms = 0.1;
  Cancel cancel;
  const auto calibration =
      calibrate(config, system_clock(), cancel, [&](std::int64_t) { cancel.request(); });
  CHECK(calibration.timings[0].found.trials <= 1);
}

// 1,000 trials take hours on two cores; QUILL_CALIBRATE_TRIALS and QUILL_CALIBRATE_LONGEST_MS make
// it shorter.
TEST_CASE("beside two spinning processes nothing is called faster than itself", "[judge][slow]") {
  CalibrateConfig config;
  const char* trials = std::getenv("QUILL_CALIBRATE_TRIALS");
  const char* longest = std::getenv("QUILL_CALIBRATE_LONGEST_MS");
  config.trials = trials ? std::atoll(trials) : 1000;
  config.longest_ms = longest ? std::atof(longest) : 200;
  config.timing = "all";
  const Spinners beside(2);
  const auto calibration = calibrated(config);
  std::cout << to_json(calibration, config).dump(2) << "\n";
  const auto& sequential = calibration.timings.at(2);
  // Four calls in a thousand are the most whose upper bound stays below 1 %; fewer trials, fewer.
  CHECK(sequential.false_calls.share() <= 0.004);
  if (config.trials >= 300)
    CHECK(sequential.false_calls.at_most() <= 0.01);
  CHECK(sequential.found.share() >= 0.95);
}
