#include "quill/core/http.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <new>

#include <curl/curl.h>
#include <fmt/format.h>

#include "core/http_url.hpp"
#include "core/text.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"

namespace quill {

std::optional<std::string> HttpReply::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (text::equal_ignoring_case(known, name))
      return value;
  return std::nullopt;
}

namespace {

constexpr std::size_t kHeadersMax = 256;
constexpr std::size_t kHeaderBytesMax = 128U << 10U;

/// What the callbacks of one exchange write; they run inside curl_multi_perform on its thread.
struct Exchange {
  HttpReply reply;
  std::size_t body_bytes_max = 0;
  std::size_t header_bytes = 0;
  double last_byte_ms = 0; ///< of the body; 0 before the first
  bool too_large = false;
  bool head_complete = false; ///< curl takes a connection closed inside the headers for a reply

  bool take_body(std::string_view bytes) {
    last_byte_ms = system_clock().now_ms();
    too_large = too_large || bytes.size() > body_bytes_max - reply.body.size();
    if (!too_large)
      reply.body.append(bytes);
    return !too_large;
  }

  bool take_header(std::string_view line) {
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
};

/// Runs `take` for curl, which is C: an exception must not pass through it.
template <class Take> std::size_t guarded(std::size_t size, Take take) {
  try {
    return take() ? size : 0;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

std::size_t on_body(char* bytes, std::size_t one, std::size_t count, void* exchange) {
  const std::string_view text(bytes, one * count);
  return guarded(text.size(), [&] { return static_cast<Exchange*>(exchange)->take_body(text); });
}

std::size_t on_header(char* bytes, std::size_t one, std::size_t count, void* exchange) {
  const std::string_view text(bytes, one * count);
  return guarded(text.size(), [&] { return static_cast<Exchange*>(exchange)->take_header(text); });
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

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
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

/// A curl handle with its own connections, used by one request at a time.
class Connection {
 public:
  Connection() : easy_(curl_easy_init(), &curl_easy_cleanup), multi_(curl_multi_init(), &close) {
    if (easy_ == nullptr || multi_ == nullptr)
      throw std::bad_alloc();
  }

  Result<HttpReply, HttpFailure> run(const HttpRequest& request, CURLU* url, const Cancel& cancel) {
    Exchange exchange;
    exchange.body_bytes_max = request.body_bytes_max;
    const HeaderList headers = header_list(request);
    error_[0] = '\0';
    curl_easy_reset(easy_.get());
    set_request(request, url, headers.get());
    set_limits(request);
    set_callbacks(exchange);
    auto result = drive(request, exchange, cancel);
    if (result)
      return result;
    HttpFailure failure = result.failure();
    failure.body = std::move(exchange.reply.body);
    return failure;
  }

 private:
  static void close(CURLM* multi) { curl_multi_cleanup(multi); }

  template <class Value> void set(CURLoption option, Value value) {
    const CURLcode code = curl_easy_setopt(easy_.get(), option, value);
    QUILL_CHECK(code == CURLE_OK, curl_easy_strerror(code));
  }

  void set_request(const HttpRequest& request, CURLU* url, curl_slist* headers) {
    set(CURLOPT_CURLU, url);
    set(CURLOPT_HTTPHEADER, headers);
    if (request.method == "GET") {
      set(CURLOPT_HTTPGET, 1L);
      return;
    }
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    if (request.method != "POST")
      set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void set_limits(const HttpRequest& request) {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L); // a redirect would carry the key to another host
    set(CURLOPT_PROXY, "");          // neither http_proxy nor …
    set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED)); // … ~/.netrc
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, whole_ms(request.connect_timeout_ms));
    set(CURLOPT_TIMEOUT_MS, whole_ms(request.timeout_ms));
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.body_bytes_max));
  }

  void set_callbacks(Exchange& exchange) {
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  }

  /// Moves bytes until the exchange ends, the caller cancels, or the body stalls.
  Result<HttpReply, HttpFailure> drive(const HttpRequest& request, Exchange& exchange,
                                       const Cancel& cancel) {
    constexpr int kLookMs = 50;
    const auto added = curl_multi_add_handle(multi_.get(), easy_.get());
    QUILL_CHECK(added == CURLM_OK, curl_multi_strerror(added));
    const std::unique_ptr<CURL, std::function<void(CURL*)>> in_flight(
        easy_.get(), [this](CURL* easy) { curl_multi_remove_handle(multi_.get(), easy); });
    for (int running = 1;;) {
      if (cancel.requested())
        return HttpFailure{HttpFailure::Kind::cancelled, "cancelled"};
      if (curl_multi_perform(multi_.get(), &running) != CURLM_OK)
        return HttpFailure{HttpFailure::Kind::reset, "the transfer could not go on"};
      if (running == 0)
        return finished(request, exchange);
      if (stalled(request, exchange))
        return HttpFailure{HttpFailure::Kind::timeout,
                           fmt::format("the body stalled for {} ms", request.stall_timeout_ms)};
      curl_multi_poll(multi_.get(), nullptr, 0, kLookMs, nullptr);
    }
  }

  /// Silence before the body is a model that thinks; silence inside it is a connection that died.
  static bool stalled(const HttpRequest& request, const Exchange& exchange) {
    return exchange.last_byte_ms > 0 &&
           system_clock().now_ms() - exchange.last_byte_ms > request.stall_timeout_ms;
  }

  Result<HttpReply, HttpFailure> finished(const HttpRequest& request, Exchange& exchange) {
    CURLcode code = CURLE_RECV_ERROR;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left))
      if (message->msg == CURLMSG_DONE)
        code = message->data.result;
    if (exchange.too_large || code == CURLE_FILESIZE_EXCEEDED)
      return HttpFailure{HttpFailure::Kind::too_large,
                         fmt::format("the reply is larger than {} bytes (headers: {} lines, {} "
                                     "bytes)",
                                     request.body_bytes_max, kHeadersMax, kHeaderBytesMax)};
    if (code != CURLE_OK)
      return HttpFailure{kind_of(code),
                         redacted(error_[0] != '\0' ? error_ : curl_easy_strerror(code))};
    if (!exchange.head_complete)
      return HttpFailure{HttpFailure::Kind::reset, "the reply ends inside its headers"};
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &exchange.reply.status);
    return std::move(exchange.reply);
  }

  std::unique_ptr<CURL, void (*)(CURL*)> easy_;
  std::unique_ptr<CURLM, void (*)(CURLM*)> multi_;
  char error_[CURL_ERROR_SIZE] = {};
};

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
    auto connection = borrow();
    auto result = connection->run(request, url.value().get(), cancel);
    give_back(std::move(connection));
    return result;
  }

 private:
  std::unique_ptr<Connection> borrow() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty())
      return std::make_unique<Connection>();
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  void give_back(std::unique_ptr<Connection> connection) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_; ///< at most as many as requests ran at once
};

} // namespace

std::unique_ptr<HttpClient> make_http_client() {
  return std::make_unique<CurlClient>();
}

} // namespace quill
