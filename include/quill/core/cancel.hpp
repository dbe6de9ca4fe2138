// Asking a long task to stop: Ctrl-C once saves and leaves, twice leaves at once.
#pragma once

#include <atomic>

#include "quill/core/error.hpp"

namespace quill {

class Cancel {
 public:
  void request(int signal = 2) noexcept { signal_.store(signal, std::memory_order_relaxed); }
  [[nodiscard]] bool requested() const noexcept { return signal() != 0; }
  [[nodiscard]] int signal() const noexcept { return signal_.load(std::memory_order_relaxed); }
  /// Exit::interrupted or Exit::terminated, by the signal that came.
  [[nodiscard]] Exit exit() const noexcept {
    return signal() == 15 ? Exit::terminated : Exit::interrupted;
  }

 private:
  std::atomic<int> signal_{0};
};

/// SIGINT, SIGTERM and SIGHUP ask `cancel`; the second of them ends the process at once with 128 +
/// signal. SIGPIPE and SIGXFSZ are ignored, so that a failed write is an error value. `cancel` must
/// live for ever.
void cancel_on_signals(Cancel& cancel);

} // namespace quill
