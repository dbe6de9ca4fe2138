#include "quill/core/clock.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "quill/core/cancel.hpp"

namespace quill {

namespace {

class SystemClock final : public Clock {
 public:
  [[nodiscard]] double now_ms() const override {
    const auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::milli>(since_start).count();
  }

  [[nodiscard]] std::string utc() const override {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    (void)gmtime_r(&now, &parts);
    char text[32];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text, size};
  }

  void sleep_ms(double ms, const Cancel& cancel) override {
    // Looks up every 20 ms: a signal sets a flag and must not need a lock to wake a sleeper.
    constexpr double kLookMs = 20;
    const double end = now_ms() + ms;
    while (!cancel.requested()) {
      const double left = end - now_ms();
      if (!(left > 0))
        return;
      std::this_thread::sleep_for(
          std::chrono::duration<double, std::milli>(std::min(left, kLookMs)));
    }
  }
};

} // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

void ManualClock::sleep_ms(double ms, const Cancel& cancel) {
  if (!cancel.requested() && ms > 0)
    now_ms_ += ms;
}

} // namespace quill
