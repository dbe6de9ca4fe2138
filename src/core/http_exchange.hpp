// One HTTP exchange: what curl is told, what its callbacks write, and what came of it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "quill/core/cancel.hpp"
#include "quill/core/http.hpp"

namespace quill {

/// An easy handle at work. Lives at one place: curl holds pointers into it.
class HttpExchange {
 public:
  /// `request`, `url` and `cancel` must outlive it.
  HttpExchange(const HttpRequest& request, CURLU* url, const Cancel& cancel);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  [[nodiscard]] CURL* easy() const noexcept { return easy_.get(); }
  /// Why it must end now: cancelled longer ago than its grace, or its body stalls.
  [[nodiscard]] std::optional<HttpFailure> given_up();
  /// What came of it, once curl ended with `code`.
  [[nodiscard]] Result<HttpReply, HttpFailure> finished(CURLcode code);
  /// `failure` with what had arrived of the body.
  [[nodiscard]] HttpFailure cut_short(HttpFailure failure);

  /// What the callbacks write; they run on the thread that moves the bytes.
  struct Received {
    HttpReply reply;
    std::size_t body_bytes_max = 0;
    std::size_t header_bytes = 0;
    double last_byte_ms = 0; ///< of the body; 0 before the first
    bool too_large = false;
    bool head_complete = false; ///< curl takes a connection closed inside the headers for a reply

    bool take_body(std::string_view bytes);
    bool take_header(std::string_view line);
  };

 private:
  template <class Value> void set(CURLoption option, Value value);
  void set_request(CURLU* url);
  void set_limits();
  void set_callbacks();
  [[nodiscard]] bool stalled() const;
  [[nodiscard]] bool grace_is_over();

  const HttpRequest& request_;
  const Cancel& cancel_;
  std::unique_ptr<CURL, void (*)(CURL*)> easy_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_;
  Received received_;
  std::optional<double> cancelled_ms_; ///< when the stop was first seen
  char error_[CURL_ERROR_SIZE] = {};
};

} // namespace quill
