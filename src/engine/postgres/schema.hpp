// The schema of a PostgreSQL database: the tables the session can see without naming their schema.
#pragma once

#include "engine/postgres/connection.hpp"
#include "engine/protocol.hpp"

namespace quill::engine::postgres {

/// Tables by the order they were made in; rows counted, or estimated for large ones. PostgreSQL
/// keeps no CREATE TABLE text: one is written from its catalogues.
[[nodiscard]] SchemaAnswer read_schema(const Connection& connection);

} // namespace quill::engine::postgres
