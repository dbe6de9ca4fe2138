// UNION, INTERSECT, EXCEPT as a list of their arms.
#pragma once

#include <optional>
#include <vector>

#include "quill/sql/tree.hpp"

namespace quill::rewrite {

struct SetArms {
  sql::SetOperation::Kind kind;
  bool all = false;
  std::vector<sql::QueryPtr> arms; ///< copies, each a query of its own; all are Selects
};
/// nullopt when the body is no set operation, mixes kinds, holds VALUES, or is a chain of INTERSECT
/// or EXCEPT longer than two.
[[nodiscard]] std::optional<SetArms> set_arms(const sql::Query& query);
/// The arms as one body again, with their new kind.
[[nodiscard]] sql::Body set_body(SetArms arms);
/// Is there a WITH anywhere (whose names a lone arm could not resolve)?
[[nodiscard]] bool has_ctes(const sql::Query& tree);
/// FROM as text: equal texts are the same rows. "" without FROM.
[[nodiscard]] std::string from_text(const sql::Select& select);

} // namespace quill::rewrite
