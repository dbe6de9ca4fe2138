// CREATE INDEX as parts, at token level.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/sql/text.hpp"

namespace quill::sql {

struct CreateIndex {
  std::string name;  ///< without quotes
  std::string table; ///< without quotes
  bool unique = false;
  bool if_not_exists = false;
  std::vector<std::string> terms; ///< columns or expressions with COLLATE and DESC; ASC left out
  std::string where;              ///< condition of a partial index, "" when none
};
/// A failure says what is missing, with the byte offset.
[[nodiscard]] Result<CreateIndex> parse_create_index(std::string_view statement,
                                                     const TextCaps& caps = {});
/// `CREATE [UNIQUE] INDEX [IF NOT EXISTS] name ON table (terms) [WHERE condition]`.
[[nodiscard]] std::string print_create_index(const CreateIndex& index);
/// The column a term stands for when it is nothing but a column (with COLLATE or DESC), else "".
[[nodiscard]] std::string column_of_term(std::string_view term);
/// Equal iff the indexes are duplicates but for their names: letter case, blanks and quotes of
/// names do not count. Text that is no CREATE INDEX stands for itself.
[[nodiscard]] std::string index_shape(std::string_view statement);

} // namespace quill::sql
