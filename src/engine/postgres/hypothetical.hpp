// Plans with indexes that are not there, by the extension HypoPG: they live in this connection
// alone and nothing is written. https://hypopg.readthedocs.io
#pragma once

#include "engine/postgres/connection.hpp"
#include "engine/postgres/gate.hpp"
#include "engine/protocol.hpp"

namespace quill::engine::postgres {

/// EXPLAIN of the statement as if its indexes were there, under the names they were given. Not ok
/// where the database has no hypopg, or an index cannot be.
[[nodiscard]] Plan plan_with_indexes(const Connection& connection, const Gate& gate,
                                     const Supposition& supposition);

} // namespace quill::engine::postgres
