// Temporary tables of the session whose rows can be replaced.
#pragma once

#include <vector>

#include "engine/postgres/connection.hpp"
#include "engine/protocol.hpp"

namespace quill::engine::postgres {

/// Drops the foreign keys of the session's temporary tables: rows are replaced table by table.
void drop_foreign_keys(const Connection& connection);

[[nodiscard]] Loaded load_rows(const Connection& connection, const std::vector<TableRows>& tables,
                               bool reversed);

} // namespace quill::engine::postgres
