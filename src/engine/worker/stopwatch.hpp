// Time spent on a statement, without what was spent on sending its rows.
#pragma once

#include <chrono>
#include <ctime>

namespace quill::engine {

class Stopwatch {
 public:
  Stopwatch() : start_(Clock::now()) {}
  void pause() { paused_ = Clock::now(); }
  void resume() { start_ += Clock::now() - paused_; }
  [[nodiscard]] double ms() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_;
  Clock::time_point paused_{};
};

/// Of this thread. Other processes on the same core do not show in it as they do in wall time.
inline double processor_ms() {
  timespec now{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0)
    return 0;
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace quill::engine
