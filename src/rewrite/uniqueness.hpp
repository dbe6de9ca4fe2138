// Which rows cannot repeat: keys, and what follows from them.
#pragma once

#include <string>
#include <vector>

#include "quill/rewrite/rule.hpp"
#include "quill/sql/resolve.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

/// Plain columns of `source` that the block's items give (stars count for all of them).
[[nodiscard]] std::vector<std::string>
columns_given(const sql::Query& block, const sql::Source& source, const sql::Scope& scope);
/// Can no two rows of the block's answer be equal? By a GROUP BY whose keys are all given, or a key
/// of every source being given or fixed by equalities with sources whose row is fixed. `distinct`
/// of the block itself is not counted.
[[nodiscard]] bool gives_no_doubles(const sql::Query& block, const sql::Scope& scope);
/// Do the columns hold a whole unique key of the base table, of BINARY columns only?
[[nodiscard]] bool is_key(const sql::Source& source, const std::vector<std::string>& columns);
/// Columns of `source` that `on` equates with something that does not read `source`.
[[nodiscard]] std::vector<std::string> columns_fixed(const sql::Expr* on, const sql::Source& source,
                                                     const sql::Scope& scope,
                                                     const sql::Schema& schema);
/// Does every row of `child` whose `foreign` is not NULL meet exactly one row of `parent` by
/// `key` = `foreign`? By a unique key and a declared foreign key whose values were looked up.
[[nodiscard]] bool meets_one_parent(const sql::Column& key, const sql::Source& parent,
                                    const sql::Column& foreign, const sql::Source& child,
                                    const Facts& facts);

} // namespace quill::rewrite
