// A schema from a stranger: only what declares tables, indexes and views is let through.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "quill/sql/dialect.hpp"

namespace quill::judge::proof {

struct Ddl {
  std::string script;                       ///< statements with semicolons, one a line
  std::map<std::string, std::string> views; ///< lower-case name → its SELECT
  /// Lower-case table → the conditions of its CHECKs.
  std::map<std::string, std::vector<std::string>> checks;
};
/// Tables stand before those that refer to them where the dialect's engine looks for them (SQLite
/// does not; what refers in a circle stays as it is).
/// \throws Error{usage} naming the statement that may not be there
[[nodiscard]] Ddl read_ddl(std::string_view text, sql::Dialect dialect = sql::Dialect::sqlite);

} // namespace quill::judge::proof
