#include "core/http_traffic.hpp"

#include <algorithm>
#include <new>

namespace quill {

HttpTraffic::HttpTraffic() : multi_(curl_multi_init(), &curl_multi_cleanup) {
  if (multi_ == nullptr)
    throw std::bad_alloc();
  thread_ = std::thread([this] { move_bytes(); });
}

HttpTraffic::~HttpTraffic() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

Result<HttpReply, HttpFailure> HttpTraffic::run(HttpExchange& exchange) {
  Waiting mine{exchange, std::nullopt};
  std::unique_lock lock(mutex_);
  new_.push_back(&mine);
  curl_multi_wakeup(multi_.get());
  ended_.wait(lock, [&] { return mine.result.has_value(); });
  return *std::move(mine.result);
}

void HttpTraffic::move_bytes() {
  constexpr int kLookMs = 50;      // at the cancel flags and the clocks of those under way
  constexpr int kIdleMs = 600'000; // until somebody calls
  while (take_new()) {
    int running = 0;
    const auto moved = curl_multi_perform(multi_.get(), &running);
    QUILL_CHECK(moved == CURLM_OK, curl_multi_strerror(moved));
    take_finished();
    give_up_late();
    curl_multi_poll(multi_.get(), nullptr, 0, under_way_.empty() ? kIdleMs : kLookMs, nullptr);
  }
}

/// False when the client closes.
bool HttpTraffic::take_new() {
  const std::lock_guard lock(mutex_);
  for (Waiting* waiting : new_) {
    const auto added = curl_multi_add_handle(multi_.get(), waiting->exchange.easy());
    QUILL_CHECK(added == CURLM_OK, curl_multi_strerror(added));
    under_way_.push_back(waiting);
  }
  new_.clear();
  return !closing_;
}

void HttpTraffic::take_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    const CURLcode code = message->data.result;
    const auto found =
        std::find_if(under_way_.begin(), under_way_.end(), [&](const Waiting* waiting) {
          return waiting->exchange.easy() == message->easy_handle;
        });
    QUILL_CHECK(found != under_way_.end(), "curl ended an exchange that nobody began");
    end(static_cast<std::size_t>(found - under_way_.begin()), (*found)->exchange.finished(code));
  }
}

void HttpTraffic::give_up_late() {
  for (std::size_t at = under_way_.size(); at-- > 0;)
    if (auto failure = under_way_[at]->exchange.given_up())
      end(at, *std::move(failure));
}

void HttpTraffic::end(std::size_t at, Result<HttpReply, HttpFailure> result) {
  Waiting* const waiting = under_way_[at];
  curl_multi_remove_handle(multi_.get(), waiting->exchange.easy());
  under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(at));
  {
    const std::lock_guard lock(mutex_);
    waiting->result = std::move(result); // its caller may now go, and take `waiting` along
  }
  ended_.notify_all();
}

} // namespace quill
