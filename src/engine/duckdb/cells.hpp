// DuckDB's vectors as cells: numbers as numbers, everything that is neither number, text nor blob
// as the text of its value.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/duckdb/database.hpp"
#include "quill/engine/value.hpp"

namespace quill::engine::duckdb {

/// Takes one cell. Numbers that are whole and fit come as integers, also those of DECIMAL columns
/// and booleans.
class CellSink {
 public:
  virtual ~CellSink() = default;
  virtual void null() = 0;
  virtual void integer(std::int64_t value) = 0;
  virtual void real(double value) = 0; ///< not NaN
  virtual void text(std::string_view value) = 0;
  virtual void blob(std::string_view value) = 0;
  /// The text of a list, struct, map or union.
  virtual void nested(std::string_view value) { text(value); }
};

/// Type of a column with the types inside it.
struct ColumnType {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  duckdb_type storage = DUCKDB_TYPE_INVALID; ///< of DECIMAL and ENUM
  unsigned scale = 0;                        ///< of DECIMAL
  idx_t array_size = 0;
  std::vector<std::string> names; ///< members of STRUCT and UNION, words of ENUM
  std::vector<ColumnType> inner;
};
[[nodiscard]] ColumnType column_type(duckdb_logical_type type);
/// False for types that no cell can show.
[[nodiscard]] bool is_readable(const ColumnType& type);

/// The columns of one chunk, ready to be read row by row.
class Cells {
 public:
  Cells(duckdb_data_chunk chunk, const std::vector<ColumnType>& types);
  void read(std::size_t column, idx_t row, CellSink& sink) const;

 private:
  const std::vector<ColumnType>& types_;
  std::vector<duckdb_vector> vectors_;
};

} // namespace quill::engine::duckdb
