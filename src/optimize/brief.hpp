// From what is known of a query to what its prompts are made of.
#pragma once

#include <set>
#include <string>

#include "optimize/learnings.hpp"
#include "optimize/prompts.hpp"

namespace quill::optimize {

/// Base tables that the query's blocks read.
[[nodiscard]] std::set<std::string> tables_of(const Understanding& understanding);

/// `tree` is null when the query is opaque, `knowledge` may be null. `tables`: whose DDL is shown;
/// all when it is empty.
[[nodiscard]] Brief make_brief(const QueryText& query, const sql::Query* tree,
                               const Understanding& understanding,
                               const std::set<std::string>& tables, engine::Session& session,
                               const Journal& journal, const Knowledge* knowledge);

} // namespace quill::optimize
