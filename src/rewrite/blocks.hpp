// The SELECT blocks of a statement with the names each of them sees.
#pragma once

#include <functional>

#include "quill/sql/resolve.hpp"
#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// Where a block stands. `arm`: of UNION, INTERSECT, EXCEPT.
enum class Place { outermost, cte, derived, subquery, arm };

struct Block {
  sql::Query& query; ///< its body is a Select; for an arm a passing wrapper with the arm's body
  sql::Select& select;
  const sql::Scope& scope;
  const Block* outer; ///< the block whose names this one may read; null for the outermost
  Place place;
};

/// Visits every SELECT block, inner ones first, so that a visited block may be changed.
/// A visitor leaves the body a Select where `place` is arm.
void each_block(sql::Query& root, const sql::Schema& schema,
                const std::function<void(Block&)>& visit);

/// Gives every column the name of its source where it has none and the source is known: after this
/// a join can be added without making a name ambiguous.
void qualify(sql::Query& root, const sql::Schema& schema);

} // namespace quill::rewrite
