// Names: which are taken, which columns an expression reads, and whose they are.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/name.hpp"
#include "quill/sql/resolve.hpp"
#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::rewrite {

using sql::lower;
using sql::same_name;

/// Every identifier a statement uses; gives out new ones.
class Names {
 public:
  explicit Names(const sql::Query& root);
  /// `base`, or base_2, base_3 …: not used before, and taken from now on.
  [[nodiscard]] std::string fresh(std::string_view base);

 private:
  void take(const sql::Query& query);
  void take(const sql::From& from);
  std::set<std::string> taken_;
};

/// What an expression reads, its sub-queries included.
struct Reads {
  std::set<const sql::Source*> sources; ///< of the block
  bool outer = false;                   ///< a column of an enclosing block
  bool unknown = false;                 ///< a name that could not be resolved
  /// Nothing but the block's own sources.
  [[nodiscard]] bool local() const { return !outer && !unknown; }
  /// Exactly this one source.
  [[nodiscard]] bool only(const sql::Source* source) const {
    return local() && sources.size() == 1 && *sources.begin() == source;
  }
};
[[nodiscard]] Reads reads(const sql::Expr& expr, const sql::Scope& scope,
                          const sql::Schema& schema);
/// Columns that `query` does not find in its own FROM, nor its sub-queries in theirs: what makes it
/// correlated. `outer` lends its CTE names only.
[[nodiscard]] std::vector<sql::Column>
free_columns(const sql::Query& query, const sql::Schema& schema, const sql::Scope* outer);

/// Might any clause of the block, at any depth, name a column of `source` (or all by a star)?
/// When in doubt: yes.
[[nodiscard]] bool mentions(const sql::Query& block, const sql::Source& source);
/// The columns of `source` that the block reads, at any depth, in the table's order.
[[nodiscard]] std::vector<std::string> columns_read(const sql::Query& block,
                                                    const sql::Source& source);

} // namespace quill::rewrite
