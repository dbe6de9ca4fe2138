// Neighbours of a query: one small change each, of the kind that people and models make.
#pragma once

#include <string>
#include <vector>

#include "quill/sql/dialect.hpp"
#include "quill/sql/tree.hpp"

namespace quill::judge::proof {

struct Mutant {
  std::string sql;
  std::string change; ///< "< for <=", for reports
  sql::QueryPtr tree;
  /// Of a kind that often changes nothing (DISTINCT over a key, an outer join along a foreign key):
  /// that it survives says little.
  bool weak = false;
};

/// At most `most`, spread evenly over all that there are; none repeats the query or another.
[[nodiscard]] std::vector<Mutant> mutants_of(const sql::Query& query, std::size_t most,
                                             sql::Dialect dialect);

} // namespace quill::judge::proof
