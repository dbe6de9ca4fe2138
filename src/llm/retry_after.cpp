#include "llm/retry_after.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>

namespace quill::llm {

namespace {

/// A number that is the whole text; one too large for a double is infinite, not absent.
std::optional<double> parse_number(std::string_view text) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument)
    return std::nullopt;
  if (error == std::errc::result_out_of_range)
    number = text.find("e-") != std::string_view::npos ? 0
             : text.front() == '-'                     ? -kInfinite
                                                       : kInfinite;
  return std::isnan(number) ? std::nullopt : std::optional(number);
}

std::optional<double> unless_negative(std::optional<double> ms) {
  return ms && *ms >= 0 ? ms : std::nullopt;
}

std::optional<int> parse_digits(std::string_view text) {
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || stop != text.data() + text.size() || number < 0)
    return std::nullopt;
  return number;
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (unsigned i = 0; i < kMonths.size(); ++i)
    if (kMonths[i] == name)
      return i + 1;
  return std::nullopt;
}

double seconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

std::optional<double> ms_until(std::string_view date, const HttpReply& reply) {
  const auto then = parse_http_date(date);
  if (!then)
    return std::nullopt;
  const auto server_now = parse_http_date(reply.header("date").value_or(""));
  return (*then - server_now.value_or(seconds_now())) * 1000;
}

} // namespace

std::optional<double> parse_http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT": every field has its fixed place.
  if (text.size() != 29 || text.substr(25) != " GMT")
    return std::nullopt;
  const auto day = parse_digits(text.substr(5, 2));
  const auto month = month_of(text.substr(8, 3));
  const auto year = parse_digits(text.substr(12, 4));
  const auto hour = parse_digits(text.substr(17, 2));
  const auto minute = parse_digits(text.substr(20, 2));
  const auto second = parse_digits(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second)
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * 86'400.0 + *hour * 3600.0 + *minute * 60.0 + *second;
}

std::optional<double> retry_after_ms(const HttpReply& reply) {
  if (const auto exact = reply.header("retry-after-ms"))
    if (const auto ms = unless_negative(parse_number(*exact)))
      return ms;
  const auto plain = reply.header("retry-after");
  if (!plain)
    return std::nullopt;
  if (const auto seconds = parse_number(*plain))
    return unless_negative(*seconds * 1000);
  return unless_negative(ms_until(*plain, reply));
}

} // namespace quill::llm
