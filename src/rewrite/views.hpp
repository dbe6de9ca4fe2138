// Views as the derived tables they stand for, so that rules and the index adviser see their tables.
#pragma once

#include "quill/engine/session.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// A copy with every view replaced by its definition (views of views, too); null when there is none
/// to replace, or one cannot be read. That the copy means the same is for the caller to check.
[[nodiscard]] sql::QueryPtr with_views_spelt_out(const sql::Query& tree, engine::Session& session);

} // namespace quill::rewrite
