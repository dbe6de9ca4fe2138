// Periods of the calendar as text: the day, month or year a literal names, from its first day to
// the day after its last.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quill::rewrite {

enum class PeriodUnit { year, month, day };

/// Half-open: low <= date < high, both 'YYYY-MM-DD'.
struct Period {
  std::string low, high;
};
/// '2024', '2024-03' or '2024-03-15' as the unit asks; nullopt when the text is not such a period,
/// zero-padded and existing, of the years 1 to 9998.
[[nodiscard]] std::optional<Period> period(std::string_view text, PeriodUnit unit);

/// Sorted, with those that touch or overlap put together.
[[nodiscard]] std::vector<Period> merged(std::vector<Period> periods);

} // namespace quill::rewrite
