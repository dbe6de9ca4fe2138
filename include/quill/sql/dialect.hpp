// Whose SQL a text is written in.
#pragma once

#include <string_view>

namespace quill::sql {

enum class Dialect { sqlite, postgres, duckdb };
/// "sqlite", "postgres", "duckdb": as in flags and files.
[[nodiscard]] std::string_view name_of(Dialect dialect);

} // namespace quill::sql
