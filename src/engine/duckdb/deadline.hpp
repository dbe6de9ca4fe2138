// The deadline inside the process: DuckDB is interrupted when it passes, and the process ended when
// that does not help. The parent's kill stands behind both.
#pragma once

#include <duckdb.h>

#include "quill/engine/session.hpp"

namespace quill::engine::duckdb {

class Deadline {
 public:
  Deadline(duckdb_connection connection, const Limits& limits);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  [[nodiscard]] bool passed() const noexcept;
};

} // namespace quill::engine::duckdb
