// The shape of a query as a vector for the index: what it is made of, with every literal alike.
#pragma once

#include <array>

#include "quill/sql/tree.hpp"

namespace quill::optimize {

/// Counts of sql::Features (damped), marks of what rewrites look for, and hashed pq-grams.
inline constexpr std::size_t kShapeCounts = 24, kShapeMarks = 45, kShapeGrams = 32;
inline constexpr std::size_t kShapeWidth = kShapeCounts + kShapeMarks + kShapeGrams;
using QueryShape = std::array<float, kShapeWidth>;

/// Neither names nor the values of literals count. The same on every machine.
[[nodiscard]] QueryShape query_shape(const sql::Query& query);

} // namespace quill::optimize
