#include "rewrite/calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace quill::rewrite {

namespace {

std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  if (text.size() < from + count)
    return std::nullopt;
  const char* begin = text.data() + from;
  if (*begin < '0' || *begin > '9') // no sign
    return std::nullopt;
  const auto read = std::from_chars(begin, begin + count, value);
  if (read.ec != std::errc() || read.ptr != begin + count)
    return std::nullopt;
  return value;
}

std::string iso(std::chrono::year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

bool has_dashes(std::string_view text) {
  return (text.size() < 5 || text[4] == '-') && (text.size() < 8 || text[7] == '-');
}

std::chrono::year_month_day next(std::chrono::year_month_day date, PeriodUnit unit) {
  if (unit == PeriodUnit::year)
    return date + std::chrono::years(1);
  if (unit == PeriodUnit::month)
    return date + std::chrono::months(1);
  return std::chrono::sys_days(date) + std::chrono::days(1);
}

} // namespace

std::optional<Period> period(std::string_view text, PeriodUnit unit) {
  constexpr std::array<std::size_t, 3> kSizes{4, 7, 10};
  if (text.size() != kSizes[static_cast<std::size_t>(unit)] || !has_dashes(text))
    return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = unit == PeriodUnit::year ? 1 : digits(text, 5, 2);
  const auto day = unit == PeriodUnit::day ? digits(text, 8, 2) : 1;
  if (!year || !month || !day || *year < 1 || *year > 9998)
    return std::nullopt;
  const std::chrono::year_month_day first{std::chrono::year(*year),
                                          std::chrono::month(static_cast<unsigned>(*month)),
                                          std::chrono::day(static_cast<unsigned>(*day))};
  if (!first.ok())
    return std::nullopt;
  return Period{iso(first), iso(next(first, unit))};
}

std::vector<Period> merged(std::vector<Period> periods) {
  std::sort(periods.begin(), periods.end(),
            [](const Period& a, const Period& b) { return a.low < b.low; });
  std::vector<Period> out;
  for (auto& one : periods) {
    if (!out.empty() && one.low <= out.back().high)
      out.back().high = std::max(out.back().high, one.high);
    else
      out.push_back(std::move(one));
  }
  return out;
}

} // namespace quill::rewrite
