// Cells as Python's sqlite3 module gives them to the official scorers, which are written in Python.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "quill/engine/value.hpp"

namespace quill::eval {

/// `bytes.decode(errors="ignore")`: what is not UTF-8 is left out.
[[nodiscard]] std::string decoded(std::string_view bytes);
/// Would Python's sqlite3 give these rows without a decoding error?
[[nodiscard]] bool all_utf8(const std::vector<engine::Row>& rows);

/// `repr(float)`: the shortest digits that read back, "1e+16", "inf".
[[nodiscard]] std::string python_float(double value);
/// `str(x) + str(type(x))`, by which Spider's scorer sorts the cells of a row.
[[nodiscard]] std::string python_sort_key(const engine::Value& value);
/// Equal exactly where Python's == says so: 1 == 1.0, None == None, "1" != 1, b"x" != "x".
[[nodiscard]] std::string python_equality_key(const engine::Value& value);

/// A cell by number: `value` is the same where Python's == holds, `shown` where the sort keys are.
struct Cell {
  std::uint32_t value = 0, shown = 0;
};
using Grid = std::vector<std::vector<Cell>>;

/// Numbers the cells of several results, so that they compare as integers.
class CellNumbers {
 public:
  [[nodiscard]] Grid grid(const std::vector<engine::Row>& rows);
  /// Sort key of `Cell::shown`.
  [[nodiscard]] const std::string& sort_key(std::uint32_t shown) const { return *keys_[shown]; }

 private:
  Cell cell(const engine::Value& value);

  std::unordered_map<std::string, std::uint32_t> values_, shown_;
  std::vector<const std::string*> keys_; ///< into shown_, whose nodes do not move
};

} // namespace quill::eval
