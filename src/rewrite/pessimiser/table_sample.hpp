// What the tables of a database hold, as far as a few hundred rows of each tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "quill/engine/session.hpp"

namespace quill::rewrite {

struct ColumnSample {
  enum class Kind { key, reference, category, number, date, text };
  std::string name; ///< quoted where SQL wants it
  Kind kind = Kind::text;
  bool not_null = false; ///< declared
  bool is_text = false;
  bool indexed = false;            ///< an index or the key begins with it
  std::vector<std::string> values; ///< distinct ones of the sample in their order, not quoted
};

/// A column that names a row of another table by its key.
struct ParentLink {
  std::size_t column = 0; ///< of the child
  std::size_t parent = 0; ///< table
};

/// A table with an INTEGER PRIMARY KEY, which is column `key`.
struct TableSample {
  std::string name; ///< quoted where SQL wants it
  std::string word; ///< the bare name, for aliases
  std::size_t key = 0;
  std::int64_t rows = 0;
  std::vector<ColumnSample> columns;
  std::vector<ParentLink> parents;

  [[nodiscard]] std::vector<const ColumnSample*> of(ColumnSample::Kind kind) const;
};

/// A child table and its link to a parent.
struct ChildLink {
  const TableSample* child;
  const ColumnSample* column;
  const TableSample* parent;
};

struct Samples {
  std::vector<TableSample> tables;
  [[nodiscard]] std::vector<ChildLink> links() const;
};

/// Tables without rows or an integer key of one column are left out. Reads each table once.
[[nodiscard]] Samples sample_tables(engine::Session& session);

} // namespace quill::rewrite
