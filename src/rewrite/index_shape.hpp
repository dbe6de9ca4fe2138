// Indexes that could serve an access, as CREATE INDEX statements with names that say what is in
// them.
#pragma once

#include <string>
#include <vector>

#include "rewrite/access.hpp"

namespace quill::rewrite {

/// One index that may help.
struct IndexShape {
  std::string kind; ///< single | composite | covering | partial | expression
  std::string table;
  std::string name; ///< idx_orders_user_id_status
  std::string create;
};

/// All shapes worth asking the planner about, the simplest of each idea first, no two alike;
/// indexes the table has already are left out.
[[nodiscard]] std::vector<IndexShape> index_shapes(const std::vector<Access>& accesses);

} // namespace quill::rewrite
