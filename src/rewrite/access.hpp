// How a statement reaches into its tables: what an index could serve.
#pragma once

#include <string>
#include <vector>

#include "quill/rewrite/rule.hpp"

namespace quill::rewrite {

struct OrderKey {
  std::string column;
  bool descending = false;
};

/// What one block does with one base table. Columns are names of the table, each list in the order
/// of the query and without doubles; texts are printed without a table name.
struct Access {
  const sql::Table* table = nullptr;
  std::vector<std::string> equal;         ///< column = constant
  std::vector<std::string> listed;        ///< column IN (…)
  std::vector<std::string> ranged;        ///< column < constant, BETWEEN, GLOB 'x*'
  std::vector<std::string> tied;          ///< column = column of another source or an outer block
  std::vector<OrderKey> ordered;          ///< ORDER BY, when all of it is of this table
  std::vector<std::string> grouped;       ///< GROUP BY or DISTINCT, when all of it is of this table
  std::vector<std::string> extremes;      ///< min(column), max(column)
  std::vector<std::string> read;          ///< every column that is read, in the table's order
  std::vector<std::string> calls;         ///< functions of columns that are compared or grouped by
  std::vector<std::string> calls_grouped; ///< those of them in GROUP BY
  std::vector<std::string> conditions; ///< comparisons with constants, as a partial index's WHERE
  std::vector<std::string> condition_columns; ///< the column of each of these
  std::vector<std::string> liked;             ///< column LIKE 'x%': served by NOCASE only
  std::vector<std::string> filters; ///< every condition on this table alone, as WHERE of an index
  std::vector<std::string> group_terms; ///< GROUP BY in its order, when an expression is among it
};

/// One entry for each base table of each block of the subject's tree.
[[nodiscard]] std::vector<Access> accesses(const Subject& subject);

} // namespace quill::rewrite
