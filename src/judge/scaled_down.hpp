// A small database of the rows of a large one, for queries that do not end on the large one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "quill/core/error.hpp"
#include "quill/engine/session.hpp"

namespace quill {
class Cancel;
}

namespace quill::judge {

struct SmallDatabase {
  std::unique_ptr<engine::Session> session;
  std::int64_t rows = 0; ///< of all its tables
};

/// At most `rows_per_table` rows of each table, spread over it; of a table with foreign keys only
/// rows whose parents are there too (references to itself, or in a circle, aside). Tables and
/// indexes are made as in `full`, whose rows are read once. The same rows each time. `limits` hold
/// for the reading of one table; `cancel` may be null. A failure says what could not be read.
/// `server`: PostgreSQL's connection string, where the small tables are temporary ones.
[[nodiscard]] Result<SmallDatabase> scaled_down(engine::Session& full, std::int64_t rows_per_table,
                                                engine::Limits limits, const std::string& server,
                                                const Cancel* cancel);

} // namespace quill::judge
