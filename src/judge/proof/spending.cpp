#include "judge/proof/spending.hpp"

#include <algorithm>
#include <ctime>

#include "quill/core/clock.hpp"

namespace quill::judge {
namespace {

constexpr double kWallShare = 0.2;

/// 0 for a clock that is gone.
double read_ms(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0)
    return 0;
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double process_ms(int pid) {
  clockid_t clock{};
  return pid > 0 && ::clock_getcpuclockid(pid, &clock) == 0 ? read_ms(clock) : 0;
}

} // namespace

Spending::Spending(const engine::Session& session)
    : session_(session), wall_start_ms_(system_clock().now_ms()),
      thread_start_ms_(read_ms(CLOCK_THREAD_CPUTIME_ID)), worker_(session.worker_pid()),
      worker_last_ms_(process_ms(worker_)) {}

/// A worker that died and was replaced begins at zero; what the dead one spent stays counted.
double Spending::worker_ms() {
  const int pid = session_.worker_pid();
  const double now = process_ms(pid);
  worker_spent_ms_ += std::max(0.0, pid == worker_ ? now - worker_last_ms_ : now);
  worker_ = pid;
  worker_last_ms_ = now;
  return worker_spent_ms_;
}

double Spending::ms() {
  const double wall = system_clock().now_ms() - wall_start_ms_;
  if (session_.engine() == engine::Engine::postgres)
    return wall;
  const double processor = read_ms(CLOCK_THREAD_CPUTIME_ID) - thread_start_ms_ + worker_ms();
  return std::max(processor, wall * kWallShare);
}

} // namespace quill::judge
