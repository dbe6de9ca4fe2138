// What the text of a statement says of its answer, without a tree: so it holds for opaque ones too.
#pragma once

#include <string>
#include <string_view>

namespace quill::judge {

/// Found on tokens: in SQLite's grammar ORDER, LIMIT and the parentheses around sub-queries cannot
/// be anything else.
struct Outline {
  bool ordered = false;        ///< the outermost query has ORDER BY
  bool limited = false;        ///< the outermost query has LIMIT
  bool computes_reals = false; ///< a division, or sum, avg, total somewhere
  std::string volatile_call;   ///< the first call that gives another answer each time; "" if none
};

/// A statement that does not tokenize is taken for ordered, the stricter reading.
[[nodiscard]] Outline outline(std::string_view sql);

} // namespace quill::judge
