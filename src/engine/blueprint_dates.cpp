#include "engine/blueprint_dates.hpp"

#include <algorithm>
#include <chrono>

#include "quill/core/error.hpp"

namespace quill::engine::seed {

namespace {

namespace chrono = std::chrono;

constexpr std::size_t kDayBytes = 10;    // YYYY-MM-DD
constexpr std::size_t kMomentBytes = 19; // YYYY-MM-DD HH:MM:SS

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9')
      return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

void put(std::string& text, std::size_t at, std::size_t count, unsigned value) {
  for (std::size_t i = at + count; i > at; --i, value /= 10)
    text[i - 1] = static_cast<char>('0' + value % 10);
}

chrono::sys_days day_of(std::int64_t days) {
  return chrono::sys_days{chrono::days{days}};
}

/// Density of one day before scaling.
double weight(const CurveSettings& settings, std::int64_t day) {
  const auto span = static_cast<double>(settings.last_day - settings.first_day);
  const double position = span == 0 ? 0 : static_cast<double>(day - settings.first_day) / span;
  double value = 1 + (settings.growth - 1) * position;
  const chrono::year_month_day date{day_of(day)};
  if (!settings.months.empty())
    value *= settings.months[static_cast<unsigned>(date.month()) - 1];
  if (!settings.weekdays.empty())
    value *= settings.weekdays[chrono::weekday{day_of(day)}.iso_encoding() - 1];
  return value;
}

} // namespace

std::optional<std::int64_t> parse_day(std::string_view text) {
  if (text.size() != kDayBytes || text[4] != '-' || text[7] != '-')
    return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || *year == 0)
    return std::nullopt;
  const chrono::year_month_day date{chrono::year{*year},
                                    chrono::month{static_cast<unsigned>(*month)},
                                    chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok())
    return std::nullopt;
  return chrono::sys_days{date}.time_since_epoch().count();
}

std::optional<std::int64_t> parse_moment(std::string_view text) {
  const auto day = parse_day(text.substr(0, std::min(text.size(), kDayBytes)));
  if (!day || text.size() == kDayBytes)
    return day ? std::optional(*day * kSecondsPerDay) : std::nullopt;
  if (text.size() != kMomentBytes || text[10] != ' ' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  return *day * kSecondsPerDay + std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + *second;
}

std::string format_moment(std::int64_t seconds, bool date_only) {
  const std::int64_t days =
      seconds / kSecondsPerDay - (seconds % kSecondsPerDay < 0 ? 1 : 0); // floor
  const auto rest = static_cast<unsigned>(seconds - days * kSecondsPerDay);
  const chrono::year_month_day date{day_of(days)};
  std::string text = date_only ? "0000-00-00" : "0000-00-00 00:00:00";
  put(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put(text, 5, 2, static_cast<unsigned>(date.month()));
  put(text, 8, 2, static_cast<unsigned>(date.day()));
  if (date_only)
    return text;
  put(text, 11, 2, rest / 3600);
  put(text, 14, 2, rest / 60 % 60);
  put(text, 17, 2, rest % 60);
  return text;
}

DayCurve::DayCurve(const CurveSettings& settings) : first_day_(settings.first_day) {
  double sum = 0;
  for (std::int64_t day = settings.first_day; day <= settings.last_day; ++day)
    cumulative_.push_back(sum += weight(settings, day));
  QUILL_CHECK(sum > 0, "a day curve needs a day with a positive weight");
}

std::int64_t DayCurve::at(double u) const {
  const double target = u * cumulative_.back();
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, target);
  const double before = found == cumulative_.begin() ? 0 : *(found - 1);
  const double share = *found > before ? (target - before) / (*found - before) : 0;
  const auto second = static_cast<std::int64_t>(share * static_cast<double>(kSecondsPerDay));
  const std::int64_t day = first_day_ + (found - cumulative_.begin());
  return day * kSecondsPerDay + std::clamp<std::int64_t>(second, 0, kSecondsPerDay - 1);
}

} // namespace quill::engine::seed
