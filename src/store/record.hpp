// A run read back whole.
#pragma once

#include "quill/store/run.hpp"
#include "store/sqlite.hpp"

namespace quill::store {

/// One consistent snapshot (a read transaction).
[[nodiscard]] RunRecord read_record(Connection& connection);

} // namespace quill::store
