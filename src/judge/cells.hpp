// Cells and rows under *same*: one order and one equality for all that compares.
#pragma once

#include <string>
#include <vector>

#include "quill/engine/value.hpp"
#include "quill/judge/compare.hpp"

namespace quill::judge {

/// Relative distance below which two approximate reals are the same (mission.md 2).
inline constexpr double kRelativeTolerance = 1e-9;

/// Total order that agrees with exact sameness: NULL < numbers < text < blob; an integer and a real
/// are compared exactly, without a cast that could lose digits. < 0, 0, > 0.
[[nodiscard]] int order_of(const engine::Value& a, const engine::Value& b);

/// Which columns are approximate; columns beyond the list are exact.
[[nodiscard]] bool approximate_at(const std::vector<bool>& approximate, std::size_t column);

/// Cells of two rows are the same, and as many?
[[nodiscard]] bool same_row(const engine::Row& a, const engine::Row& b,
                            const std::vector<bool>& approximate);

/// Order in which rows that are the same come to lie together: approximate numbers are rounded to
/// 31 bits first, so that neighbours within the tolerance nearly always fall into one place.
[[nodiscard]] int rounded_order_of(const engine::Row& a, const engine::Row& b,
                                   const std::vector<bool>& approximate);

/// For sentences: "(1, 'a', NULL)", long cells and rows cut.
[[nodiscard]] std::string shown(const engine::Value& value);
[[nodiscard]] std::string shown(const engine::Row& row);

} // namespace quill::judge
