#include "llm/retry_after.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"

using namespace quill;
using namespace quill::llm;

namespace {

std::optional<double> wait(std::vector<std::pair<std::string, std::string>> headers) {
  return retry_after_ms({429, "", std::move(headers)});
}

} // namespace

TEST_CASE("seconds, milliseconds and dates are waiting times", "[llm]") {
  CHECK(wait({{"retry-after", "3"}}) == 3000);
  CHECK(wait({{"retry-after", "0.5"}}) == 500);
  CHECK(wait({{"retry-after", "0"}}) == 0);
  CHECK(wait({{"retry-after-ms", "250"}, {"retry-after", "9"}}) == 250);
  CHECK(wait({{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
              {"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}}) == 30'000);
}

TEST_CASE("what is absent, negative, past or unreadable asks for nothing", "[llm]") {
  CHECK_FALSE(wait({}));
  for (const char* text : {"-1", "-1e309", "soon", "", "nan", "3 s", "0x10",
                           "Sun, 06 Nov 1994 08:49:37 GMT"}) // long ago by any clock
    CHECK_FALSE(wait({{"retry-after", text}}));
  CHECK(wait({{"retry-after-ms", "-5"}, {"retry-after", "2"}}) == 2000);
}

TEST_CASE("ten years and 1e309 are long, not absent", "[llm]") {
  CHECK(wait({{"retry-after", "315360000"}}) == 315'360'000'000.0);
  CHECK(wait({{"retry-after", "1e309"}}) == std::numeric_limits<double>::infinity());
  CHECK(wait({{"retry-after", "1e-400"}}) == 0);
  CHECK(wait({{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
              {"retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"}})
            .value() > 2e14); // 8005 years of 31,556,952 s
}

TEST_CASE("an HTTP date is seconds since 1970", "[llm]") {
  CHECK(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT") == 0);
  CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777); // RFC 9110's example
  CHECK(parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT") == 1'709'164'800);
  for (const char* text : {"", "Thu, 30 Feb 2024 00:00:00 GMT", "Thu, 01 Foo 2024 00:00:00 GMT",
                           "Thu, 01 Jan 2024 24:00:00 GMT", "Thu, 01 Jan 2024 00:60:00 GMT",
                           "Thu, 01 Jan 2024 00:00:00 CET", "Thu, -1 Jan 2024 00:00:00 GMT",
                           "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    CHECK_FALSE(parse_http_date(text));
}
