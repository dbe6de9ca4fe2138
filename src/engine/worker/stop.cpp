#include "engine/worker/stop.hpp"

#include <atomic>
#include <csignal>

namespace quill::engine {
namespace {

volatile std::sig_atomic_t stop_requested = 0;
std::atomic<void (*)()> stop_action = nullptr;
static_assert(std::atomic<void (*)()>::is_always_lock_free, "a signal handler reads it");

} // namespace

void request_stop() noexcept {
  stop_requested = 1;
  if (auto* action = stop_action.load())
    action();
}

void clear_stop() noexcept {
  stop_requested = 0;
}

bool stop_is_requested() noexcept {
  return stop_requested != 0;
}

void call_on_stop(void (*action)()) noexcept {
  stop_action = action;
}

} // namespace quill::engine
