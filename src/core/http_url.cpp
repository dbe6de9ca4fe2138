#include "core/http_url.hpp"

#include <arpa/inet.h>
#include <optional>

#include <fmt/format.h>

#include "core/text.hpp"
#include "quill/core/log.hpp"

namespace quill {

namespace {

std::optional<std::string> url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr)
    return std::nullopt;
  std::string copy(text);
  curl_free(text);
  return copy;
}

std::string without_brackets(const std::string& host) {
  return host.size() > 2 && host.front() == '[' ? host.substr(1, host.size() - 2) : host;
}

} // namespace

bool is_loopback_host(const std::string& host) {
  if (text::equal_ignoring_case(host, "localhost"))
    return true;
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1)
    return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, without_brackets(host).c_str(), &six) == 1 &&
         IN6_IS_ADDR_LOOPBACK(&six);
}

Result<std::shared_ptr<CURLU>> checked_url(const std::string& url, bool plain_http_allowed) {
  const std::shared_ptr<CURLU> parsed(curl_url(), &curl_url_cleanup);
  const std::string shown = text::clipped(redacted(url), 200);
  if (parsed == nullptr || url.find('\0') != std::string::npos ||
      curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return Failure{fmt::format("\"{}\" is not a URL", shown)};
  const auto scheme = url_part(parsed.get(), CURLUPART_SCHEME);
  const auto host = url_part(parsed.get(), CURLUPART_HOST);
  if (url_part(parsed.get(), CURLUPART_USER) || url_part(parsed.get(), CURLUPART_PASSWORD))
    return Failure{"the URL holds a user name or a password; keys belong in a header"};
  if (!scheme || !host || (*scheme != "https" && *scheme != "http"))
    return Failure{fmt::format("\"{}\" is neither http nor https", shown)};
  if (*scheme == "http" && !plain_http_allowed && !is_loopback_host(*host))
    return Failure{
        fmt::format("\"{}\" is plain http to another machine: a key would travel readable", shown)};
  return parsed;
}

} // namespace quill
