// How long a server asks its clients to wait.
#pragma once

#include <optional>
#include <string_view>

#include "quill/core/http.hpp"

namespace quill::llm {

/// From retry-after-ms, else Retry-After as seconds or as an HTTP date (counted from the reply's
/// own Date, so that this machine's clock does not matter; without one from the system's).
/// Milliseconds, perhaps infinite; nullopt when absent, negative, in the past or not readable.
[[nodiscard]] std::optional<double> retry_after_ms(const HttpReply& reply);

/// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110's preferred form). Pure.
[[nodiscard]] std::optional<double> parse_http_date(std::string_view text);

} // namespace quill::llm
