// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html, 9.2.6).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quill::llm {

/// The data of each event, in order: the `data:` lines of one event joined by newlines. Comments,
/// other fields and events without data are left out, as is an event whose blank line never came:
/// it may be cut. Lines end in LF, CR or CRLF; a byte order mark at the start is skipped.
[[nodiscard]] std::vector<std::string> sse_data(std::string_view body);

/// Whether a body is a stream of events, not one document: its first word tells.
[[nodiscard]] bool looks_like_sse(std::string_view body);

} // namespace quill::llm
