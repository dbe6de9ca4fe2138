// What a database cell can hold, and rows of cells.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::engine {

struct Blob {
  std::string bytes;
  auto operator<=>(const Blob&) const = default;
};
/// NULL, integer, real, text, blob.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Blob>;
using Row = std::vector<Value>;

/// JSON cell: blobs as {"blob": hex}; infinities as the strings "Infinity", "-Infinity".
[[nodiscard]] Json to_json(const Value& value);

} // namespace quill::engine
