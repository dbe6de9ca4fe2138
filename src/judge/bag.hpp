// Bags of rows: does every row find its own partner?
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "quill/engine/value.hpp"

namespace quill::judge {

/// Rows that found no partner.
struct BagDifference {
  std::vector<const engine::Row*> only_before, only_after; ///< into the rows given
  /// More rows near each other within the tolerance than are matched one by one.
  bool too_many = false;
};

/// Matches each row of `after` with one row of `before`; duplicates count.
/// Sorting brings partners together; what rounding set apart is then matched pair by pair.
[[nodiscard]] BagDifference match_bags(std::span<const engine::Row> before,
                                       std::span<const engine::Row> after,
                                       const std::vector<bool>& approximate);

/// How often `row` is in `rows`.
[[nodiscard]] std::size_t times_in(const engine::Row& row, std::span<const engine::Row> rows,
                                   const std::vector<bool>& approximate);

} // namespace quill::judge
