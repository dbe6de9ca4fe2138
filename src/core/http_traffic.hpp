// All exchanges of a client, moved by one thread over curl_multi.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/http_exchange.hpp"

namespace quill {

class HttpTraffic {
 public:
  /// Starts the thread.
  HttpTraffic();
  /// Nobody may be inside run() any more.
  ~HttpTraffic();
  HttpTraffic(const HttpTraffic&) = delete;
  HttpTraffic& operator=(const HttpTraffic&) = delete;

  /// Waits until the exchange has ended. Thread-safe.
  Result<HttpReply, HttpFailure> run(HttpExchange& exchange);

 private:
  /// An exchange and the caller who waits for it.
  struct Waiting {
    HttpExchange& exchange;
    std::optional<Result<HttpReply, HttpFailure>> result;
  };

  void move_bytes();
  bool take_new();
  void take_finished();
  void give_up_late();
  void end(std::size_t at, Result<HttpReply, HttpFailure> result);

  std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<Waiting*> new_; ///< not yet seen by the thread
  bool closing_ = false;
  std::vector<Waiting*> under_way_; ///< the thread's own
  std::thread thread_;              ///< last: it uses all of the above
};

} // namespace quill
