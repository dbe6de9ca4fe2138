#include "quill/core/http.hpp"

#include <mutex>

#include <curl/curl.h>
#include <fmt/format.h>

#include "core/http_exchange.hpp"
#include "core/http_traffic.hpp"
#include "core/http_url.hpp"
#include "core/text.hpp"
#include "quill/core/cancel.hpp"

namespace quill {

std::optional<std::string> HttpReply::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (text::equal_ignoring_case(known, name))
      return value;
  return std::nullopt;
}

namespace {

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

/// curl's global state costs milliseconds: only a program that sends something pays them.
void start_curl_once() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  QUILL_CHECK(code == CURLE_OK, "libcurl does not start");
}

class CurlClient final : public HttpClient {
 public:
  Result<HttpReply, HttpFailure> send(const HttpRequest& request, const Cancel& cancel) override {
    for (const auto& [name, value] : request.headers)
      if (has_line_break(name) || has_line_break(value))
        return HttpFailure{HttpFailure::Kind::refused_url,
                           fmt::format("header \"{}\" holds a line break", text::printable(name))};
    start_curl_once();
    const auto url = checked_url(request.url, request.plain_http_allowed);
    if (!url)
      return HttpFailure{HttpFailure::Kind::refused_url, url.failure().what};
    if (cancel.requested())
      return HttpFailure{HttpFailure::Kind::cancelled, "cancelled"};
    HttpExchange exchange(request, url.value().get(), cancel);
    return traffic().run(exchange);
  }

 private:
  HttpTraffic& traffic() {
    std::call_once(started_, [this] { traffic_ = std::make_unique<HttpTraffic>(); });
    return *traffic_;
  }

  std::once_flag started_;
  std::unique_ptr<HttpTraffic> traffic_;
};

} // namespace

std::unique_ptr<HttpClient> make_http_client() {
  return std::make_unique<CurlClient>();
}

} // namespace quill
