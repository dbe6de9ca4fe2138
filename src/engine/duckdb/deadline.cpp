#include "engine/duckdb/deadline.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <sys/time.h>
#include <unistd.h>

#include "engine/worker/stop.hpp"

namespace quill::engine::duckdb {
namespace {

constexpr std::int64_t kBackstopMs = 2000;

// A signal handler reaches nothing else. duckdb_interrupt stores one atomic flag.
std::atomic<duckdb_connection> watched = nullptr;
volatile std::sig_atomic_t alarms = 0;

void interrupt() {
  if (auto connection = watched.load())
    ::duckdb_interrupt(connection);
}

void on_alarm(int) {
  alarms = alarms + 1;
  if (alarms > 1)
    ::_exit(1); // it did not listen, and nobody killed us
  interrupt();
}

timeval duration(std::int64_t ms) {
  return {ms / 1000, static_cast<suseconds_t>(ms % 1000 * 1000)};
}

} // namespace

Deadline::Deadline(duckdb_connection connection, const Limits& limits) {
  alarms = 0;
  watched = connection;
  call_on_stop(interrupt);
  struct sigaction action{};
  action.sa_handler = on_alarm;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  const auto ms = std::clamp<std::int64_t>(limits.timeout_ms, 1, 1'000'000'000);
  const itimerval timer{duration(kBackstopMs), duration(ms)};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

Deadline::~Deadline() {
  const itimerval off{};
  ::setitimer(ITIMER_REAL, &off, nullptr);
  call_on_stop(nullptr);
  watched = nullptr;
}

bool Deadline::passed() const noexcept {
  return alarms > 0;
}

} // namespace quill::engine::duckdb
