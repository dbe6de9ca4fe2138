// A quill-worker process and the socket to it: started with an empty environment and no other
// descriptor, killed and reaped for certain.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "engine/protocol.hpp"

namespace quill {
class Cancel;
}

namespace quill::engine {

/// How a worker ended.
struct Death {
  int signal = 0;          ///< 0: it exited
  int code = 0;            ///< exit code
  std::uint64_t bytes = 0; ///< the most memory it ever held
  [[nodiscard]] bool out_of_memory() const;
  [[nodiscard]] std::string sentence() const; ///< "the worker died (signal 11)"
};

/// Milliseconds left for waiting; only waiting is counted.
struct Patience {
  double left_ms = 0;
  const Cancel* cancel = nullptr;
};

class WorkerProcess {
 public:
  /// \throws Error{storage} when no process or socket can be made; Error{usage} when there is no
  /// such program
  static WorkerProcess start(std::string name = "quill-worker");

  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&& other) noexcept;
  ~WorkerProcess(); ///< kills and reaps

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// False once it has died; end() then tells how.
  [[nodiscard]] bool alive() const noexcept;

  enum class Outcome { ok, late, closed, garbled };
  /// Sends one frame. \throws Error{interrupted} when `patience.cancel` is asked
  Outcome send(Ask ask, std::string_view payload, Patience& patience);
  /// Receives one frame. \throws Error{interrupted}
  Outcome receive(Answer& kind, std::string& payload, Patience& patience);

  /// Caps its address space, from outside.
  void limit_memory(std::uint64_t bytes) noexcept;
  /// SIGKILL, then how it ended (an earlier death is told as it was).
  Death end() noexcept;

 private:
  static constexpr std::size_t kPieceBytes = 256U << 10U;
  WorkerProcess(pid_t pid, int fd) : pid_(pid), fd_(fd), piece_(kPieceBytes, '\0') {}
  void swap(WorkerProcess& other) noexcept;
  /// Waits for `events`; false when patience is over.
  bool wait(short events, Patience& patience);
  Outcome fill(std::size_t bytes, Patience& patience);

  pid_t pid_ = -1;
  int fd_ = -1;
  std::string inbox_;
  std::size_t taken_ = 0; ///< bytes at the start of inbox_ that were handed out
  std::string piece_;     ///< what one recv takes
};

} // namespace quill::engine
