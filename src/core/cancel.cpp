#include "quill/core/cancel.hpp"

#include <csignal>
#include <unistd.h>

namespace quill {

namespace {

static_assert(std::atomic<int>::is_always_lock_free, "a signal may only touch lock-free atomics");
std::atomic<Cancel*> g_cancel{nullptr};
std::atomic<int> g_signals{0};

void on_signal(int signal) {
  Cancel* cancel = g_cancel.load(std::memory_order_relaxed);
  if (cancel == nullptr || g_signals.fetch_add(1, std::memory_order_relaxed) > 0)
    _exit(128 + signal);
  cancel->request(signal);
}

void set_action(int signal, void (*action)(int)) {
  struct sigaction wanted{};
  wanted.sa_handler = action;
  sigemptyset(&wanted.sa_mask);
  wanted.sa_flags = SA_RESTART;
  sigaction(signal, &wanted, nullptr);
}

} // namespace

void cancel_on_signals(Cancel& cancel) {
  g_cancel.store(&cancel, std::memory_order_relaxed);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP})
    set_action(signal, on_signal);
  for (const int signal : {SIGPIPE, SIGXFSZ})
    set_action(signal, SIG_IGN);
}

} // namespace quill
