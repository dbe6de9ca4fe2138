// Are two results the same in Spider's eyes? (test-suite-sql-eval, exec_eval.py, result_eq)
#pragma once

#include <vector>

#include "quill/engine/value.hpp"

namespace quill::eval {

/// True when some order of the columns of `predicted` makes it the list of rows of `gold` (when
/// `order_matters`) or the bag of them. Two empty results are always the same; column names never
/// count. Cells compare as in Python: reals exactly, "1" is not 1, NULL equals NULL. The orders of
/// columns are searched by partial match, not by trying all of them; a search that passes its
/// budget (columns by the dozen that cannot be told apart) says no.
[[nodiscard]] bool spider_same_rows(const std::vector<engine::Row>& gold,
                                    const std::vector<engine::Row>& predicted, bool order_matters);

} // namespace quill::eval
