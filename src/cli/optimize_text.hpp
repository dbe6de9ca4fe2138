// The answer of `quill optimize` for people: on a terminal, and as a page.
#pragma once

#include <string>

#include "quill/optimize/optimizer.hpp"
#include "quill/optimize/workload.hpp"

namespace quill::cli {

[[nodiscard]] std::string optimize_text(const optimize::Answer& answer);

[[nodiscard]] std::string workload_text(const optimize::WorkloadReport& report, bool styled);

/// One HTML file. \throws Error{usage} when the shipped template is missing
[[nodiscard]] std::string optimize_html(const optimize::Answer& answer);

/// Two texts beside each other, line by line; what is on one side only stands beside "<" or ">",
/// what differs beside "|". Each side is `width` characters wide.
[[nodiscard]] std::string side_by_side(const std::string& before, const std::string& after,
                                       std::size_t width);

} // namespace quill::cli
