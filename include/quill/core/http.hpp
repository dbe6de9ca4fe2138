// HTTP client for model servers: bounded, cancellable, never follows a redirect.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quill/core/error.hpp"

namespace quill {

class Cancel;

struct HttpRequest {
  std::string method = "POST";
  std::string url; ///< http only to loopback unless `plain_http_allowed`
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string_view lent_body = {}; ///< sent in place of `body` unless empty; outlives the exchange
  double connect_timeout_ms = 10'000;
  double timeout_ms = 120'000;      ///< the whole exchange
  double stall_timeout_ms = 60'000; ///< silence once the body has begun
  double cancel_grace_ms = 0;       ///< how long it may still go on once a stop was asked
  std::size_t body_bytes_max = 16U << 20U;
  bool plain_http_allowed = false;
};

struct HttpReply {
  long status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers; ///< names in lower case
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// Why there is no complete reply.
struct HttpFailure {
  enum class Kind { connect, timeout, reset, too_large, tls, cancelled, refused_url };
  Kind kind;
  std::string what;
  std::string body = {}; ///< of it, what had arrived
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Any status is a reply; a body cut short is a failure. Thread-safe: callers wait, however many
  /// they are.
  virtual Result<HttpReply, HttpFailure> send(const HttpRequest& request, const Cancel& cancel) = 0;
};

/// Over libcurl: one thread moves the bytes of all exchanges (curl_multi), started by the first.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client();

} // namespace quill
