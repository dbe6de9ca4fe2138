// Ends the process when even the parent cannot: it may be stopped, or gone without closing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <sys/time.h>

#include "quill/engine/session.hpp"

namespace quill::engine {

class Alarm {
 public:
  /// `runs` times the limit, and `more_ms`.
  Alarm(const Limits& limits, std::size_t runs, double more_ms) {
    constexpr double kBackstopMs = 2000;
    const double ms = static_cast<double>(limits.timeout_ms) * static_cast<double>(runs) + more_ms;
    set(static_cast<std::int64_t>(std::clamp(ms, 1.0, 1e12) + kBackstopMs));
  }
  ~Alarm() { set(0); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  static void set(std::int64_t ms) {
    const itimerval timer{{0, 0}, {ms / 1000, static_cast<suseconds_t>(ms % 1000 * 1000)}};
    ::setitimer(ITIMER_REAL, &timer, nullptr);
  }
};

} // namespace quill::engine
