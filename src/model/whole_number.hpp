// Integers out of foreign JSON.
#pragma once

#include <cstdint>
#include <optional>

#include "quill/core/json.hpp"

namespace quill::model {

/// The value when it is an integer from 0 to `high`.
[[nodiscard]] inline std::optional<std::int64_t> whole_number(const Json& value,
                                                              std::int64_t high) {
  const bool too_large = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (!value.is_number_integer() || too_large)
    return std::nullopt;
  const auto number = value.get<std::int64_t>();
  return number >= 0 && number <= high ? std::optional(number) : std::nullopt;
}

} // namespace quill::model
