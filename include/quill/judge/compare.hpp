// *Same rows*, defined once: as many columns in the same order; a list where the outermost query
// orders (rows that tie on the order keys may swap), else a bag; NULL equals NULL; text exact; 1
// equals 1.0; reals exact, or within 1e-9 relative where an aggregate or division made them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quill/engine/value.hpp"

namespace quill::judge {

/// What is known of before's answer from its tree. For an opaque query: unordered unless the text
/// has ORDER BY.
struct AnswerShape {
  bool ordered = false;
  std::vector<bool> approximate; ///< by column: made by an aggregate or a division; missing = false
};

/// Rows of one answer. `keys` are the values of before's order keys, row by row; empty when not
/// known (then a list must match exactly).
struct Answer {
  std::vector<std::string> columns;
  std::vector<engine::Row> rows;
  std::vector<engine::Row> keys;
};

struct Comparison {
  bool same = false;
  std::string reason;              ///< "" when same; else the first difference, in words
  std::optional<std::int64_t> row; ///< where (0-based), when it is one row
};

/// Pure. Cells of two answers are the same?
[[nodiscard]] bool same_cell(const engine::Value& a, const engine::Value& b, bool approximate);
[[nodiscard]] Comparison compare(const Answer& before, const Answer& after,
                                 const AnswerShape& shape);

} // namespace quill::judge
