// Names to tables: which FROM leaf a column belongs to, within one query block.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
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
  const Query* query = nullptr;     ///< of a derived table or CTE; null for a table
};

/// The names visible in one block; inner blocks point to their outer scope.
class Scope {
 public:
  /// CTE names of enclosing queries are found through `outer`. A body that is no Select has no
  /// sources of its own: its arms do. All arguments must outlive the scope.
  Scope(const Query& query, const Schema& schema, const Scope* outer = nullptr);
  /// One arm of a compound; `outer` is the scope of the compound.
  Scope(const Select& select, const Schema& schema, const Scope* outer);
  /// Only the CTE names of `query`: what its derived tables and CTEs see of it.
  [[nodiscard]] static Scope of_ctes(const Query& query, const Schema& schema,
                                     const Scope* outer = nullptr);

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
  [[nodiscard]] const Scope* outer() const noexcept { return outer_; }
  /// Are the columns of every source known?
  [[nodiscard]] bool is_complete() const;
  /// Does FROM merge columns by NATURAL or USING?
  [[nodiscard]] bool merges_columns() const noexcept { return merges_columns_; }

 private:
  /// Columns of the queries looked through while a scope is made: a CTE may be read often.
  using Outputs = std::map<const Query*, std::vector<std::string>>;

  explicit Scope(const Schema& schema, const Scope* outer);
  void add_sources(const Select& select, Outputs& known);
  void add_ctes(const Query& query);
  void add(const From& from, bool nullable, Outputs& known);
  [[nodiscard]] Source source(const TableName& table, Outputs& known) const;
  [[nodiscard]] const Cte* cte(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> output(const Query& query, Outputs& known) const;
  [[nodiscard]] std::vector<std::string> output_anew(const Query& query, Outputs& known) const;
  [[nodiscard]] bool column_may_be_null(const Column& column) const;
  [[nodiscard]] bool call_may_be_null(const Call& call) const;

  std::vector<Source> sources_;
  std::vector<Cte const*> ctes_;
  const Schema* schema_;
  const Scope* outer_;
  bool merges_columns_ = false;
  int depth_ = 0; ///< of scopes looked through; ends CTEs that name each other
};

/// Does this sub-query read a column of an enclosing block?
/// True when it cannot be told.
[[nodiscard]] bool is_correlated(const Query& query, const Schema& schema, const Scope& enclosing);

/// Names in double quotes become what SQLite takes them for: a string where no column has the name,
/// else a plain column. Left as they are where the columns of a source are not known.
void settle_quoted_names(Query& query, const Schema& schema);

} // namespace quill::sql
