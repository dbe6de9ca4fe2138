// A block that looks at its own table again: the second look as a window over the first.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rewrite/blocks.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

/// What ties a second look at the same rows (`inner`) to the row of the block (`row`): equal keys,
/// rows before it in an order, filters of its own. Columns have the same names on both sides, so
/// that affinity and collation are the same, and `=`, PARTITION BY and ORDER BY agree but for NULL.
struct SelfReference {
  struct Order {
    std::string column;
    bool descending = false; ///< the rows looked at come before the block's row in this order
  };
  const sql::Source* row = nullptr;
  std::vector<std::string> keys;
  std::vector<Order> order; ///< empty: all rows with the keys
  bool inclusive = false;   ///< the row and its ties are looked at, too
  sql::ExprPtr filter;      ///< over `row`'s name; may be null
};
/// `inner_scope` holds the second look, `outer_scope` the block (they may be one). nullopt when a
/// condition is of another kind, or nothing ties the two.
[[nodiscard]] std::optional<SelfReference>
self_reference(const std::vector<const sql::Expr*>& conditions, const sql::Source& inner,
               const sql::Scope& inner_scope, const sql::Scope& outer_scope,
               const sql::Schema& schema);
/// Of a plain sub-query over one table or CTE that the block reads, too.
[[nodiscard]] std::optional<SelfReference>
self_reference(const sql::Query& query, const sql::Scope& outer_scope, const sql::Schema& schema);

/// The same expression over the block's row: columns of `inner` become those of `row`.
[[nodiscard]] sql::ExprPtr of_row(const sql::Expr& expr, const sql::Source& inner,
                                  const sql::Scope& inner_scope, const sql::Source& row);

/// Collects window columns and puts them beside the columns of the block's tables.
class SelfWindows {
 public:
  explicit SelfWindows(Block& block) : block_(block), names_(block.query) {}

  /// May window columns stand beside `row`'s columns: a table or CTE whose rows are all there, no
  /// rowid read by name, every star known?
  [[nodiscard]] bool can_hold(const sql::Source& row) const;
  /// The aggregate (its arguments of_row already) over the rows looked at, as a column of the
  /// block; what no rows give where a key is NULL. Null when it has no window form.
  [[nodiscard]] sql::ExprPtr value(const SelfReference& look, const sql::Call& aggregate);
  [[nodiscard]] bool any() const { return !columns_.empty(); }
  /// Puts the derived tables in place; call it last, when nothing reads the second looks any more.
  void install();

 private:
  [[nodiscard]] sql::ExprPtr window_call(const SelfReference& look, const sql::Call& aggregate);
  [[nodiscard]] sql::ExprPtr guarded(const SelfReference& look, const sql::Call& aggregate,
                                     sql::ExprPtr call) const;

  Block& block_;
  Names names_;
  std::map<const sql::Source*, std::vector<sql::SelectItem>> columns_;
};

} // namespace quill::rewrite
