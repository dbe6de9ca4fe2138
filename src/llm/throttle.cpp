#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/llm/wrappers.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

constexpr double kMinuteMs = 60'000;
constexpr double kCoolDownMaxMs = 120'000; // with_retry gives up beyond it
constexpr double kBackoffFirstMs = 1'000;
constexpr double kBackoffMostMs = 30'000;

/// Milliseconds that `count` of `per_minute` take; 0 without a limit.
double span_ms(std::int64_t count, std::optional<std::int64_t> per_minute) {
  return per_minute ? kMinuteMs * static_cast<double>(count) / static_cast<double>(*per_minute) : 0;
}

/// When the next request may start. Thread-safe.
class Turnstile {
 public:
  explicit Turnstile(Pace pace) : pace_(pace) {}

  /// The time at which a request of `tokens` may start; that time is then taken.
  double reserve(double now_ms, std::int64_t tokens) {
    const std::lock_guard lock(mutex_);
    const double start = std::max({now_ms, next_request_ms_, next_tokens_ms_});
    next_request_ms_ = start + span_ms(1, pace_.requests_per_minute);
    next_tokens_ms_ = start + span_ms(tokens, pace_.tokens_per_minute);
    return start;
  }
  /// Its usage is known now.
  void correct(std::int64_t reserved, std::int64_t used) {
    const std::lock_guard lock(mutex_);
    next_tokens_ms_ += span_ms(used - reserved, pace_.tokens_per_minute);
  }

  void cool_down(double now_ms, std::optional<double> retry_after_ms) {
    const std::lock_guard lock(mutex_);
    const double backoff =
        std::min(kBackoffFirstMs * std::exp2(std::min(limited_in_a_row_, 10)), kBackoffMostMs);
    ++limited_in_a_row_;
    const double wait = retry_after_ms.value_or(backoff);
    if (wait <= kCoolDownMaxMs)
      cool_until_ms_ = std::max(cool_until_ms_, now_ms + wait);
  }
  void answered() {
    const std::lock_guard lock(mutex_);
    limited_in_a_row_ = 0;
  }
  [[nodiscard]] double cool_until_ms() const {
    const std::lock_guard lock(mutex_);
    return cool_until_ms_;
  }

 private:
  Pace pace_;
  mutable std::mutex mutex_;
  double next_request_ms_ = 0, next_tokens_ms_ = 0, cool_until_ms_ = 0;
  int limited_in_a_row_ = 0;
};

/// As many at a time as there are places. Thread-safe.
class Places {
 public:
  explicit Places(std::int64_t count) : free_(count) {}
  /// False when a stop was asked while waiting.
  bool enter(const Cancel& cancel) {
    constexpr std::chrono::milliseconds kLook{50};
    std::unique_lock lock(mutex_);
    while (!left_.wait_for(lock, kLook, [&] { return free_ > 0; }))
      if (cancel.requested())
        return false;
    --free_;
    return true;
  }
  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++free_;
    }
    left_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::int64_t free_;
};

LlmFailure cancelled() {
  return {Kind::cancelled, "cancelled while waiting for its turn", std::nullopt, ""};
}

std::int64_t total(const Usage& usage) {
  return usage.prompt_tokens.value_or(0) + usage.completion_tokens.value_or(0);
}

class ThrottledClient final : public Client {
 public:
  ThrottledClient(Client& inner, Clock& clock, Pace pace)
      : inner_(inner), clock_(clock), turnstile_(pace), places_(pace.in_flight_max) {
    QUILL_CHECK(pace.in_flight_max >= 1, "nothing could ever be asked");
  }

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    if (!places_.enter(cancel))
      return cancelled();
    auto result = in_turn(request, cancel);
    places_.leave();
    return result;
  }

 private:
  Result<Reply, LlmFailure> in_turn(const Request& request, const Cancel& cancel) {
    const std::int64_t reserved = total(usage_at_most(request));
    wait_until(turnstile_.reserve(clock_.now_ms(), reserved), cancel);
    for (double until = 0; until = turnstile_.cool_until_ms(), until > clock_.now_ms();)
      if (wait_until(until, cancel); cancel.requested())
        break;
    if (cancel.requested())
      return cancelled();
    auto result = inner_.complete(request, cancel);
    take_note(result, reserved);
    return result;
  }

  void take_note(const Result<Reply, LlmFailure>& result, std::int64_t reserved) {
    if (!result) {
      if (result.failure().kind == Kind::rate_limited)
        turnstile_.cool_down(clock_.now_ms(), result.failure().retry_after_ms);
      return;
    }
    turnstile_.answered();
    if (result.value().usage.completion_tokens)
      turnstile_.correct(reserved, total(result.value().usage));
  }

  void wait_until(double ms, const Cancel& cancel) {
    clock_.sleep_ms(ms - clock_.now_ms(), cancel);
  }

  Client& inner_;
  Clock& clock_;
  Turnstile turnstile_;
  Places places_;
};

} // namespace

std::unique_ptr<Client> with_throttle(Client& inner, Clock& clock, Pace pace) {
  return std::make_unique<ThrottledClient>(inner, clock, pace);
}

} // namespace quill::llm
