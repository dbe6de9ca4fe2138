// Readability without a model: from the measured structure of two queries.
#pragma once

#include <string>
#include <string_view>

#include "quill/sql/parse.hpp"

namespace quill::judge {

struct Readability {
  double score =
      0; ///< in [-0.2, 0.2]; > 0: after is the more readable one; 0 when either is opaque
  std::string reason;
};
[[nodiscard]] Readability offline_readability(std::string_view before, std::string_view after,
                                              const sql::Grammar& grammar);

} // namespace quill::judge
