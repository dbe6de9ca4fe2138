#include "quill/core/clock.hpp"

#include <thread>

#include "catch.hpp"
#include "quill/core/cancel.hpp"

using namespace quill;

TEST_CASE("a manual clock moves when told or slept on", "[core]") {
  ManualClock clock;
  const Cancel cancel;
  CHECK(clock.now_ms() == 0);
  clock.advance_ms(5);
  clock.sleep_ms(10, cancel);
  clock.sleep_ms(-3, cancel);
  CHECK(clock.now_ms() == 15);
}

TEST_CASE("a cancelled sleep does not move a manual clock", "[core]") {
  ManualClock clock;
  Cancel cancel;
  cancel.request();
  clock.sleep_ms(10, cancel);
  CHECK(clock.now_ms() == 0);
}

TEST_CASE("the system clock goes forward and writes UTC", "[core]") {
  const Cancel cancel;
  const double before = system_clock().now_ms();
  system_clock().sleep_ms(1, cancel);
  CHECK(system_clock().now_ms() >= before + 1);
  CHECK_THAT(system_clock().utc(), Catch::Matches(R"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ)"));
}

TEST_CASE("a sleep of a day ends soon after it is cancelled", "[core]") {
  Cancel cancel;
  std::thread sleeper([&] { system_clock().sleep_ms(86'400'000, cancel); });
  cancel.request();
  sleeper.join(); // would hang for a day
  CHECK(cancel.requested());
}
