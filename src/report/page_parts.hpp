// Pieces that pages share: the template filled in, a table of facts, a statement with its plan.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quill::report {

/// `{{name}}` in the template becomes its value; values are not looked at again.
[[nodiscard]] std::string filled(std::string_view text,
                                 const std::map<std::string, std::string>& values);
/// A shipped file of data/report. \throws Error{usage}
[[nodiscard]] std::string shipped(const char* name);
/// Rows of a table: name, value.
[[nodiscard]] std::string facts_html(const std::vector<std::pair<std::string, std::string>>& facts);
/// What stands in place of plots that cannot be drawn.
[[nodiscard]] std::string no_library_html();
/// One side of a pair: heading, highlighted statement, plan.
[[nodiscard]] std::string side_html(const std::string& name, const std::string& sql,
                                    const std::vector<std::string>& plan);

} // namespace quill::report
