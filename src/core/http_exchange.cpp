#include "core/http_exchange.hpp"

#include <algorithm>
#include <cmath>
#include <new>

#include <fmt/format.h>

#include "core/text.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"

namespace quill {

namespace {

constexpr std::size_t kHeadersMax = 256;
constexpr std::size_t kHeaderBytesMax = 128U << 10U;

/// Runs `take` for curl, which is C: an exception must not pass through it.
template <class Take> std::size_t guarded(std::size_t size, Take take) {
  try {
    return take() ? size : 0;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

using Received = HttpExchange::Received;

std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* received) {
  const std::string_view text(bytes, one * count);
  return guarded(text.size(), [&] { return static_cast<Received*>(received)->take_body(text); });
}

std::size_t on_header(char* bytes, std::size_t one, std::size_t count, void* received) {
  const std::string_view text(bytes, one * count);
  return guarded(text.size(), [&] { return static_cast<Received*>(received)->take_header(text); });
}

HttpFailure::Kind kind_of(CURLcode code) {
  switch (code) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_COULDNT_CONNECT:
    return HttpFailure::Kind::connect;
  case CURLE_OPERATION_TIMEDOUT:
    return HttpFailure::Kind::timeout;
  case CURLE_FILESIZE_EXCEEDED:
    return HttpFailure::Kind::too_large;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return HttpFailure::Kind::tls;
  default:
    return HttpFailure::Kind::reset; // cut short, reset, not HTTP (the URL was checked before)
  }
}

long whole_ms(double ms) {
  constexpr double kDayMs = 86'400'000;
  // 0 would mean "no limit" to curl.
  return std::isnan(ms) ? 1 : static_cast<long>(std::clamp(std::ceil(ms), 1.0, kDayMs));
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

void append_header(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr)
    throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

HeaderList header_list(const HttpRequest& request) {
  HeaderList list(nullptr, &curl_slist_free_all);
  append_header(list, "Expect:"); // no round trip before the body
  for (const auto& [name, value] : request.headers)
    append_header(list, fmt::format("{}: {}", name, value));
  return list;
}

} // namespace

bool Received::take_body(std::string_view bytes) {
  last_byte_ms = system_clock().now_ms();
  too_large = too_large || bytes.size() > body_bytes_max - reply.body.size();
  if (!too_large)
    reply.body.append(bytes);
  return !too_large;
}

bool Received::take_header(std::string_view line) {
  header_bytes += line.size();
  const bool status_line = line.substr(0, 5) == "HTTP/";
  head_complete = !status_line && (head_complete || text::trimmed(line).empty());
  if (status_line)
    reply.headers.clear(); // a new head after "100 Continue" and its like
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && !status_line)
    reply.headers.emplace_back(text::lower(text::trimmed(line.substr(0, colon))),
                               text::trimmed(line.substr(colon + 1)));
  too_large = too_large || header_bytes > kHeaderBytesMax || reply.headers.size() > kHeadersMax;
  return !too_large;
}

HttpExchange::HttpExchange(const HttpRequest& request, CURLU* url, const Cancel& cancel)
    : request_(request), cancel_(cancel), easy_(curl_easy_init(), &curl_easy_cleanup),
      headers_(header_list(request)) {
  if (easy_ == nullptr)
    throw std::bad_alloc();
  received_.body_bytes_max = request.body_bytes_max;
  set_request(url);
  set_limits();
  set_callbacks();
}

template <class Value> void HttpExchange::set(CURLoption option, Value value) {
  const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
  QUILL_CHECK(code == CURLE_OK, curl_easy_strerror(code));
}

void HttpExchange::set_request(CURLU* url) {
  set(CURLOPT_PRIVATE, static_cast<void*>(this));
  set(CURLOPT_CURLU, url);
  set(CURLOPT_HTTPHEADER, headers_.get());
  if (request_.method == "GET") {
    set(CURLOPT_HTTPGET, 1L);
    return;
  }
  set(CURLOPT_POST, 1L);
  const std::string_view body =
      request_.lent_body.empty() ? std::string_view(request_.body) : request_.lent_body;
  set(CURLOPT_POSTFIELDS, body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  if (request_.method != "POST")
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void HttpExchange::set_limits() {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L); // a redirect would carry the key to another host
  set(CURLOPT_PROXY, "");          // neither http_proxy nor …
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)); // … ~/.netrc
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, whole_ms(request_.connect_timeout_ms));
  set(CURLOPT_TIMEOUT_MS, whole_ms(request_.timeout_ms));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.body_bytes_max));
}

void HttpExchange::set_callbacks() {
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&received_));
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&received_));
}

std::optional<HttpFailure> HttpExchange::given_up() {
  if (grace_is_over())
    return cut_short({HttpFailure::Kind::cancelled, "cancelled"});
  if (stalled())
    return cut_short({HttpFailure::Kind::timeout,
                      fmt::format("the body stalled for {} ms", request_.stall_timeout_ms)});
  return std::nullopt;
}

bool HttpExchange::grace_is_over() {
  if (!cancel_.requested())
    return false;
  const double now_ms = system_clock().now_ms();
  cancelled_ms_ = cancelled_ms_.value_or(now_ms);
  return now_ms - *cancelled_ms_ >= request_.cancel_grace_ms;
}

/// Silence before the body is a model that thinks; silence inside it is a connection that died.
bool HttpExchange::stalled() const {
  return received_.last_byte_ms > 0 &&
         system_clock().now_ms() - received_.last_byte_ms > request_.stall_timeout_ms;
}

HttpFailure HttpExchange::cut_short(HttpFailure failure) {
  failure.body = std::move(received_.reply.body);
  return failure;
}

Result<HttpReply, HttpFailure> HttpExchange::finished(CURLcode code) {
  if (received_.too_large || code == CURLE_FILESIZE_EXCEEDED)
    return cut_short({HttpFailure::Kind::too_large,
                      fmt::format("the reply is larger than {} bytes (headers: {} lines, {} bytes)",
                                  request_.body_bytes_max, kHeadersMax, kHeaderBytesMax)});
  if (code != CURLE_OK)
    return cut_short(
        {kind_of(code), redacted(error_[0] != '\0' ? error_ : curl_easy_strerror(code))});
  if (!received_.head_complete)
    return cut_short({HttpFailure::Kind::reset, "the reply ends inside its headers"});
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &received_.reply.status);
  return std::move(received_.reply);
}

} // namespace quill
