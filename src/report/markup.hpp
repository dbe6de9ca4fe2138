// Text as HTML.
#pragma once

#include <string>
#include <string_view>

#include "quill/core/json.hpp"

namespace quill::report {

/// With &, <, >, " and ' as entities: foreign text stays text.
[[nodiscard]] std::string escaped(std::string_view text);

/// JSON that may stand inside a script element: no "<" in it.
[[nodiscard]] std::string script_json(const Json& value);

/// SQL with its keywords, strings, numbers and comments in span elements of the classes k, s, n, c.
/// What does not tokenize is plain.
[[nodiscard]] std::string highlighted(std::string_view sql);

} // namespace quill::report
