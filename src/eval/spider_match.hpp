// Spider's exact-set match and hardness, over the trees of its own parser.
#pragma once

#include <string>
#include <vector>

#include "eval/column_sets.hpp"
#include "eval/spider_parser.hpp"
#include "eval/spider_query.hpp"

namespace quill::eval {

/// The query as evaluation.py compares it: values of conditions and DISTINCT left out, each column
/// of a table in FROM replaced by the first of its set. Nested queries in conditions keep their
/// columns and DISTINCT, those in FROM their values as well: the official script does not descend.
[[nodiscard]] SpiderQuery comparable(const SpiderQuery& query, const SpiderSchema& schema,
                                     const ColumnSets& sets);

/// Names of the parts in which two comparable queries differ ("select", "where(no OP)", "tables",
/// …); empty when they match.
[[nodiscard]] std::vector<std::string> spider_differences(const SpiderQuery& predicted,
                                                          const SpiderQuery& gold);

/// "easy", "medium", "hard" or "extra", of a query as it was parsed.
[[nodiscard]] std::string spider_hardness(const SpiderQuery& query);

} // namespace quill::eval
