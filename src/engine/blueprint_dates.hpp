// Dates of made-up rows: ISO text, and a curve that says how many rows fall on each day.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quill::engine::seed {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

/// Days since 1970-01-01 of "YYYY-MM-DD" (years 1 to 9999); nothing when it is no such date.
[[nodiscard]] std::optional<std::int64_t> parse_day(std::string_view text);
/// Seconds since 1970 of "YYYY-MM-DD" or "YYYY-MM-DD HH:MM:SS".
[[nodiscard]] std::optional<std::int64_t> parse_moment(std::string_view text);
[[nodiscard]] std::string format_moment(std::int64_t seconds, bool date_only);

struct CurveSettings {
  std::int64_t first_day = 0, last_day = 0; ///< both included
  double growth = 1;                        ///< density on the last day / on the first
  std::vector<double> months;               ///< twelve factors, January first; empty: all 1
  std::vector<double> weekdays;             ///< seven factors, Monday first; empty: all 1
};

/// Trend times season times weekday, as running sums over days.
class DayCurve {
 public:
  DayCurve() = default;
  /// Settings must have been checked: at least one day has a positive weight.
  explicit DayCurve(const CurveSettings& settings);
  /// Seconds since 1970 at share `u` in [0, 1) of all rows.
  [[nodiscard]] std::int64_t at(double u) const;

 private:
  std::int64_t first_day_ = 0;
  std::vector<double> cumulative_;
};

} // namespace quill::engine::seed
