// Conditions on one column, and their two spellings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rewrite/pessimiser/habits.hpp"
#include "rewrite/pessimiser/table_sample.hpp"

namespace quill::rewrite {

struct Condition {
  enum class Kind { equals, one_of, at_least, at_most, between, prefix };
  Kind kind = Kind::equals;
  const ColumnSample* column = nullptr;
  std::vector<std::string> values; ///< of the column, not quoted; `prefix` holds its two ends
  [[nodiscard]] bool finds_few() const { return kind == Kind::equals || kind == Kind::one_of; }
};
using Conditions = std::vector<Condition>;

/// Of a value of this column.
[[nodiscard]] std::string literal(const ColumnSample& column, const std::string& value);
/// "o.status".
[[nodiscard]] std::string of(const std::string& alias, const ColumnSample& column);

/// `count` conditions on different columns at most; none when the sample has no values.
[[nodiscard]] Conditions draw_conditions(const TableSample& table, std::size_t count, Rng& rng);
/// A condition that few rows meet, on a column that no key serves.
[[nodiscard]] std::optional<Condition> draw_rare_condition(const TableSample& table, Rng& rng);

/// Joined by AND; "" for none.
[[nodiscard]] std::string spelled(const Conditions& conditions, const std::string& alias);
/// The same as `temper` would write them.
[[nodiscard]] std::string hurried(const Conditions& conditions, const std::string& alias,
                                  Temper& temper);
/// " WHERE a AND b", with the empty ones left out.
[[nodiscard]] std::string where(const std::vector<std::string>& parts);

} // namespace quill::rewrite
