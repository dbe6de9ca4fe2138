// Names to tables: which FROM leaf a column belongs to, within one query block.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::sql {

/// One FROM leaf of a block as its columns see it.
struct Source {
  std::string name;                 ///< alias, else table name
  const Table* table = nullptr;     ///< null for a derived table or CTE
  std::vector<std::string> columns; ///< known output columns; empty when unknown
  bool nullable = false;            ///< on the optional side of an outer join
};

/// The names visible in one block; inner blocks point to their outer scope.
class Scope {
 public:
  /// `query.body` must be a Select; CTE names of enclosing queries are found through `outer`.
  Scope(const Query& query, const Schema& schema, const Scope* outer = nullptr);

  [[nodiscard]] const std::vector<Source>& sources() const noexcept { return sources_; }
  /// The source in THIS block that the column belongs to; null when it is ambiguous, unknown, or an
  /// outer one.
  [[nodiscard]] const Source* find(const Column& column) const;
  /// True when the column is not of this block but of an enclosing one.
  [[nodiscard]] bool is_outer(const Column& column) const;
  /// May this expression be NULL in this block? true when not known.
  [[nodiscard]] bool may_be_null(const Expr& expr) const;
  /// Declared column behind `column`; null when unknown.
  [[nodiscard]] const ColumnInfo* info(const Column& column) const;

 private:
  std::vector<Source> sources_;
  std::vector<Cte const*> ctes_;
  const Schema* schema_;
  const Scope* outer_;
};

/// Does this sub-query read a column of an enclosing block?
[[nodiscard]] bool is_correlated(const Query& query, const Schema& schema, const Scope& enclosing);

} // namespace quill::sql
