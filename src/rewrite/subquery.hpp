// Sub-queries that rules can take apart: plain blocks, and what ties them to the outer block.
#pragma once

#include <optional>
#include <vector>

#include "quill/sql/resolve.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// A SELECT without GROUP BY, HAVING, DISTINCT, WITH, WINDOW, LIMIT and OFFSET (ORDER BY may be).
[[nodiscard]] bool is_plain_block(const sql::Query& query);
/// The same, but a LIMIT of a literal 1 or more is allowed: what EXISTS does not mind.
[[nodiscard]] bool is_plain_block_with_limit(const sql::Query& query);

/// inner = outer, found in the sub-query's WHERE.
struct Tie {
  sql::Column inner, outer;
  bool inner_nullable = true, outer_nullable = true;
};
/// A sub-query that reads the outer block in equalities of its WHERE only.
struct Correlation {
  std::vector<Tie> ties;  ///< at least one
  sql::ExprPtr remainder; ///< the rest of WHERE, uncorrelated; null when nothing is left
};
/// Every tie compares two base columns of one domain under BINARY: then `=`, GROUP BY and IN are
/// the same relation. nullopt when anything else ties the blocks, or nothing does.
[[nodiscard]] std::optional<Correlation>
correlation(const sql::Query& query, const sql::Schema& schema, const sql::Scope& outer);

/// The base table of a FROM that is one table name; null else. `scope` is that of its block.
[[nodiscard]] const sql::Source* only_source(const sql::Select& select, const sql::Scope& scope);
/// Does FROM hold a NATURAL join or USING (whose columns merge)?
[[nodiscard]] bool merges_columns(const sql::From& from);
/// Are all joins of FROM inner, cross or comma joins?
[[nodiscard]] bool only_inner_joins(const sql::From& from);
/// Does any item, HAVING or ORDER BY aggregate, or is there a GROUP BY?
[[nodiscard]] bool is_grouped(const sql::Query& query);
/// Replaces a bare * by one star for each source, so that a join can be added. False when it
/// cannot be (merged columns).
[[nodiscard]] bool spell_out_stars(sql::Select& select, const sql::Scope& scope);
/// `from` joined with `right`.
[[nodiscard]] sql::FromPtr joined(sql::FromPtr left, sql::Join::Kind kind, sql::FromPtr right,
                                  sql::ExprPtr on);
/// Takes the source named `name` out of FROM together with the join that brought it; null when it
/// is not there or is the leftmost of the joins. Gives the join's ON and kind.
struct TakenJoin {
  sql::Join::Kind kind;
  sql::FromPtr table;
  sql::ExprPtr on;
};
[[nodiscard]] std::optional<TakenJoin> take_join(sql::FromPtr& from, std::string_view name);
/// Alias or table name of a FROM leaf.
[[nodiscard]] std::string leaf_name(const sql::From& leaf);

} // namespace quill::rewrite
