#include "catch.hpp"
#include "engine/blueprint_dates.hpp"

using namespace quill::engine::seed;

TEST_CASE("dates that are none are refused, leap days known", "[engine]") {
  CHECK(parse_day("1970-01-01") == 0);
  CHECK(parse_day("2024-02-29") == 19'782); // 54 * 365 + 13 leap days before 2024, + 59
  CHECK_FALSE(parse_day("2023-02-29"));
  CHECK_FALSE(parse_day("2024-13-01"));
  CHECK_FALSE(parse_day("2024-1-01"));
  CHECK_FALSE(parse_day("0000-01-01"));
  CHECK_FALSE(parse_day(""));
}

TEST_CASE("moments come back as they were written", "[engine]") {
  for (const char* text : {"1969-12-31 23:59:59", "2024-02-29 00:00:00", "2024-06-30 12:34:56"})
    CHECK(format_moment(*parse_moment(text), false) == text);
  CHECK(format_moment(*parse_moment("2024-06-30"), true) == "2024-06-30");
  CHECK_FALSE(parse_moment("2024-06-30 24:00:00"));
  CHECK_FALSE(parse_moment("2024-06-30T12:00:00"));
  CHECK_FALSE(parse_moment("2024-06-30 12:00"));
}

TEST_CASE("a curve starts on its first day and ends on its last", "[engine]") {
  const DayCurve curve(
      {.first_day = 100, .last_day = 102, .growth = 1, .months = {}, .weekdays = {}});
  CHECK(curve.at(0) == 100 * kSecondsPerDay);
  CHECK(curve.at(0.5) == 101 * kSecondsPerDay + kSecondsPerDay / 2);
  CHECK(curve.at(1 - 0x1p-53) == 103 * kSecondsPerDay - 1);
}

TEST_CASE("growth moves the middle of the rows towards the end", "[engine]") {
  // Density 1 → 3 over days 0 … 100: half of the rows lie before x with x + x²/100 = 100,
  // x = (-1 + sqrt(1 + 4·1))/2 · 100 = 61.8.
  const DayCurve curve(
      {.first_day = 0, .last_day = 100, .growth = 3, .months = {}, .weekdays = {}});
  CHECK(curve.at(0.5) / kSecondsPerDay == Approx(62).margin(1));
}

TEST_CASE("a weekday of weight 0 gets no rows", "[engine]") {
  // 1970-01-01 was a Thursday, so days 3 and 10 are Sundays.
  const DayCurve curve({.first_day = 0,
                        .last_day = 730,
                        .growth = 1,
                        .months = {},
                        .weekdays = {1, 1, 1, 1, 1, 1, 0}});
  for (int i = 0; i < 1000; ++i)
    CHECK((curve.at(i / 1000.0) / kSecondsPerDay) % 7 != 3);
}
