// The secrets of this process and the spellings under which they could leak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quill {

/// Plain, URL-encoded, JSON-escaped and base64 (each of the three alignments inside a longer text,
/// both alphabets), longest first, without duplicates. Pure.
[[nodiscard]] std::vector<std::string> spellings_of(std::string_view secret);

} // namespace quill
