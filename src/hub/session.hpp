// Requests to the Hub: the token, redirects, trying again.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/http.hpp"
#include "quill/core/json.hpp"
#include "quill/hub/endpoint.hpp"

namespace quill::hub {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// `name` with what a path may not hold as %XX; "/" stays.
[[nodiscard]] std::string url_path(const std::string& name);

/// What the Hub says wrongly is the Hub's fault: errors of `read` become Error{outside}.
template <class Read> auto read_answer(const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error{error.exit() == Exit::usage ? Exit::outside : error.exit(), error.text()};
  }
}

/// One request, but for what all of them have.
struct Ask {
  std::string method = "GET";
  std::string url;
  Headers headers = {};
  std::string_view body = {};
  std::vector<long> also_fine = {}; ///< statuses beside 2xx that are answers
  bool repeats = true;              ///< may be sent again when no answer came
};

class Session {
 public:
  Session(const Endpoint& endpoint, HttpClient& http, const Cancel& cancel);

  [[nodiscard]] std::string url(const std::string& path) const;
  /// A reply of a status that is an answer. Follows redirects, and leaves the token at the Hub's
  /// own host; failures that pass (connections, 429, 5xx) are tried again a few times.
  /// \throws Error{outside} for what stays; Error{interrupted} when a stop was asked
  [[nodiscard]] HttpReply send(const Ask& ask);
  [[nodiscard]] HttpReply get(const std::string& url, const Headers& headers);
  /// A JSON document there and, unless the answer is empty, one back.
  [[nodiscard]] Json post(const std::string& url, const Json& document,
                          std::vector<long> also_fine = {}, Headers headers = {});

 private:
  [[nodiscard]] HttpReply followed(const Ask& ask);
  [[nodiscard]] Result<HttpReply, HttpFailure> send_to(const std::string& url, const Ask& ask);

  const Endpoint& endpoint_;
  HttpClient& http_;
  const Cancel& cancel_;
};

} // namespace quill::hub
