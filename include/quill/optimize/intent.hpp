// What a query asks, in a sentence.
#pragma once

#include <string>

#include "quill/sql/dialect.hpp"
#include "quill/sql/tree.hpp"

namespace quill::optimize {

/// "For each user_id: count(*), sum(total); from orders; where total > 5; in order of user_id; the
/// first 10." Sentences of its CTEs stand before it. Read off the tree: it says what is asked, not
/// how it is worked out.
[[nodiscard]] std::string intent_of(const sql::Query& query, sql::Dialect dialect);

} // namespace quill::optimize
