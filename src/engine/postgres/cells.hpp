// Cells as libpq brings them: text, read by the type of their column.
#pragma once

#include <libpq-fe.h>

#include "quill/engine/value.hpp"

namespace quill::engine::postgres {

/// Whole numbers that fit come as integers, also those of numeric columns; booleans as 1 and 0;
/// bytea as a blob; everything that is no number as its text.
[[nodiscard]] Value cell(const PGresult* result, int row, int column);

} // namespace quill::engine::postgres
