// Scores summed up.
#pragma once

#include <vector>

#include "quill/eval/sql_scores.hpp"

namespace quill::eval {

/// Counts and totals, over all and by hardness and difficulty; engine and time are not filled.
[[nodiscard]] SqlEvaluation summed_up(std::vector<SqlScore> scores);

} // namespace quill::eval
