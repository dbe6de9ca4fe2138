#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/llm/wrappers.hpp"

namespace quill::llm {

namespace {

using Kind = LlmFailure::Kind;

constexpr double kRetryAfterMaxMs = 120'000;

bool is_passing(const LlmFailure& failure) {
  return failure.kind == Kind::rate_limited || failure.kind == Kind::unavailable;
}

/// 1, 2, 4, 8, 16, 30, 30 … seconds: seven attempts span a minute, which most outages do not.
double backoff_ms(int attempt) {
  constexpr double kFirstMs = 1000;
  constexpr double kMostMs = 30'000;
  return std::min(kFirstMs * std::exp2(std::min(attempt - 1, 10)), kMostMs);
}

/// Never before the time the server asked for; up to a quarter later, so that many clients that
/// failed together do not come back together.
double wait_ms(const LlmFailure& failure, int attempt, double jitter) {
  return failure.retry_after_ms.value_or(backoff_ms(attempt)) * (1 + jitter / 4);
}

class RetryingClient final : public Client {
 public:
  RetryingClient(Client& inner, Clock& clock, int attempts_max, std::uint64_t jitter_seed)
      : inner_(inner), clock_(clock), attempts_max_(attempts_max), jitter_(jitter_seed) {
    QUILL_CHECK(attempts_max >= 1, "no attempt at all would answer nothing");
  }

  Result<Reply, LlmFailure> complete(const Request& request, const Cancel& cancel) override {
    // A stream of its own for each request: threads share nothing, and order does not matter.
    Rng jitter = jitter_.child(request.key());
    for (int attempt = 1;; ++attempt) {
      auto result = inner_.complete(request, cancel);
      if (result || attempt == attempts_max_ || !may_retry(result.failure()))
        return result;
      const double ms = wait_ms(result.failure(), attempt, jitter.uniform());
      log_info(fmt::format("the model API did not answer ({}); attempt {} of {} in {:.1f} s",
                           result.failure().what, attempt + 1, attempts_max_, ms / 1000));
      clock_.sleep_ms(ms, cancel);
      if (cancel.requested())
        return LlmFailure{Kind::cancelled, "cancelled while waiting to ask again", std::nullopt,
                          ""};
    }
  }

 private:
  /// A server that says "in an hour" is taken at its word: coming back earlier would be hammering,
  /// and waiting would look like a hang.
  static bool may_retry(const LlmFailure& failure) {
    return is_passing(failure) && failure.retry_after_ms.value_or(0) <= kRetryAfterMaxMs;
  }

  Client& inner_;
  Clock& clock_;
  int attempts_max_;
  Rng jitter_;
};

} // namespace

std::unique_ptr<Client> with_retry(Client& inner, Clock& clock, int attempts_max,
                                   std::uint64_t jitter_seed) {
  return std::make_unique<RetryingClient>(inner, clock, attempts_max, jitter_seed);
}

} // namespace quill::llm
