// Lists and bags of which only a part was asked for: LIMIT, OFFSET, and `needs.top`.
#pragma once

#include <cstddef>

#include "quill/judge/compare.hpp"

namespace quill::judge {

/// Rows [offset, offset + count) of a full, ordered answer.
struct Window {
  std::size_t offset = 0;
  std::size_t count = 0;
};

/// `full` is before's ordered answer without its LIMIT, one tie key a row. The rows of `after` must
/// stand in the window's tie groups; where the window cuts a group, any of its rows may be taken.
[[nodiscard]] Comparison compare_window(const Answer& full, Window window, const Answer& after,
                                        const AnswerShape& shape);

/// The first `top` rows of an answer without order: any rows of `before`, as a bag.
[[nodiscard]] Comparison compare_top_of_bag(const Answer& before, const Answer& after,
                                            std::size_t top, const AnswerShape& shape);

} // namespace quill::judge
