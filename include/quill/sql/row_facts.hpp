// What is certain of the rows a query gives, whatever the tables hold: keys, NULLs, dependencies.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "quill/sql/resolve.hpp"
#include "quill/sql/schema.hpp"
#include "quill/sql/tree.hpp"

namespace quill::sql {

/// Functional dependencies over numbered attributes: rows that agree on `from` agree on `to`.
class Dependencies {
 public:
  using Attributes = std::set<std::size_t>;
  void add(Attributes from, Attributes to);
  /// All that `attributes` determine, themselves included.
  [[nodiscard]] Attributes closure(Attributes attributes) const;
  [[nodiscard]] bool determine(const Attributes& from, const Attributes& to) const;

 private:
  struct Rule {
    Attributes from, to;
  };
  std::vector<Rule> rules_;
};

struct RowFacts {
  std::vector<std::string> columns; ///< names of the answer, "" for one without; empty: not known
  std::vector<bool> not_null;       ///< by column
  /// By column, the declared one it hands on unchanged; null for anything else. Into the schema.
  std::vector<const ColumnInfo*> origins;
  /// Sets of columns, by number, on which no two rows agree (NULL agrees with NULL); none of them
  /// holds another. An empty set: at most one row. Not all keys that are, but all here are.
  std::vector<std::set<std::size_t>> keys;

  [[nodiscard]] bool at_most_one_row() const { return !keys.empty() && keys.front().empty(); }
  /// Do these columns hold a key?
  [[nodiscard]] bool has_key(const std::set<std::size_t>& columns) const;
};
/// From primary and unique keys, equalities, GROUP BY, DISTINCT, LIMIT 1, set operations, through
/// derived tables and CTEs. `outer` is the scope of an enclosing block.
[[nodiscard]] RowFacts row_facts(const Query& query, const Schema& schema,
                                 const Scope* outer = nullptr);

} // namespace quill::sql
