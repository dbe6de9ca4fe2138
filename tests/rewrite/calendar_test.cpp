#include "catch.hpp"
#include "rewrite/calendar.hpp"

using namespace quill::rewrite;

TEST_CASE("a period goes from its first day to the day after its last", "[rewrite]") {
  const auto day = period("2024-02-29", PeriodUnit::day);
  REQUIRE(day);
  CHECK(day->low == "2024-02-29");
  CHECK(day->high == "2024-03-01");
  const auto month = period("2023-12", PeriodUnit::month);
  REQUIRE(month);
  CHECK(month->high == "2024-01-01");
  CHECK(period("1999", PeriodUnit::year)->high == "2000-01-01");
}

TEST_CASE("what is no period of that unit is none", "[rewrite]") {
  for (const char* text : {"", "24", "2023-02-29", "2023-00-01", "2023-1-01", "+023-01-01",
                           "2023/01/01", "2023-01-01 ", "0000-01-01", "9999-01-01"})
    CHECK(!period(text, PeriodUnit::day));
  CHECK(!period("2023-13", PeriodUnit::month));
  CHECK(!period("20x3", PeriodUnit::year));
}

TEST_CASE("periods that touch become one", "[rewrite]") {
  const auto all = merged({{"b", "c"}, {"x", "y"}, {"a", "b"}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].low == "a");
  CHECK(all[0].high == "c");
}
