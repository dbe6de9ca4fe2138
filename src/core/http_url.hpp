// Which URLs a request may go to. Pure.
#pragma once

#include <memory>
#include <string>

#include <curl/urlapi.h>

#include "quill/core/error.hpp"

namespace quill {

/// https anywhere, http to loopback (or anywhere when allowed), no user:password. The parsed handle
/// is what curl then uses, so no second parser can see another host.
[[nodiscard]] Result<std::shared_ptr<CURLU>> checked_url(const std::string& url,
                                                         bool plain_http_allowed);

/// localhost, 127.0.0.0/8 and ::1 as literals; never a name that only begins like one.
[[nodiscard]] bool is_loopback_host(const std::string& host);

} // namespace quill
