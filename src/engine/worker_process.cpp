#include "engine/worker_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <fmt/core.h>

#include "engine/worker_exit.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"

namespace quill::engine {
namespace {

[[noreturn]] void cannot_start(const std::string& program, int error) {
  throw Error{Exit::storage,
              {fmt::format("cannot start a worker: {}", std::strerror(error)), program,
               "check that it lies beside quill (or set QUILL_LIBEXEC), and the limits "
               "on processes and open files (`ulimit -u -n`)"}};
}

struct SpawnSettings {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

  explicit SpawnSettings(int socket) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
#ifdef QUILL_SANITIZED
    constexpr int kClosed = 2; // reports of the sanitizers go to stderr
#else
    constexpr int kClosed = 3;
#endif
    for (int fd = 0; fd < kClosed; ++fd)
      ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_adddup2(&files, socket, kWorkerSocket);
    ::posix_spawn_file_actions_addclosefrom_np(&files, kWorkerSocket + 1);
    sigset_t none;
    ::sigemptyset(&none);
    sigset_t all;
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    // A group of its own: Ctrl-C at the terminal is for quill, which saves first.
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

double now_ms() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
}

void refuse_when_cancelled(const Cancel* cancel) {
  if (cancel && cancel->requested())
    throw Error{cancel->exit(), {"interrupted while a statement was running", "", ""}};
}

} // namespace

bool Death::out_of_memory() const {
  return signal == 0 && code == kExitOutOfMemory;
}

std::string Death::sentence() const {
  if (out_of_memory())
    return "the worker ran out of memory";
  if (signal != 0)
    return fmt::format("the worker died (signal {})", signal);
  return fmt::format("the worker left (exit code {})", code);
}

WorkerProcess WorkerProcess::start(std::string name) {
  const auto program = sibling_program(name).string();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    cannot_start(program, errno);
  std::array<char*, 2> arguments{name.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t pid = -1;
  const SpawnSettings settings(ends[1]);
  const int error = ::posix_spawn(&pid, program.c_str(), &settings.files, &settings.attributes,
                                  arguments.data(), environment.data());
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    cannot_start(program, error);
  }
  ::fcntl(ends[0], F_SETFL, ::fcntl(ends[0], F_GETFL) | O_NONBLOCK);
  return {pid, ends[0]};
}

WorkerProcess::WorkerProcess(WorkerProcess&& other) noexcept {
  swap(other);
}

WorkerProcess& WorkerProcess::operator=(WorkerProcess&& other) noexcept {
  swap(other);
  return *this;
}

WorkerProcess::~WorkerProcess() {
  end();
}

void WorkerProcess::swap(WorkerProcess& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(fd_, other.fd_);
  std::swap(inbox_, other.inbox_);
  std::swap(taken_, other.taken_);
  std::swap(piece_, other.piece_);
}

bool WorkerProcess::alive() const noexcept {
  siginfo_t died{};
  const int code = ::waitid(P_PID, static_cast<id_t>(pid_), &died, WEXITED | WNOHANG | WNOWAIT);
  return code == 0 && died.si_pid == 0;
}

void WorkerProcess::limit_memory(std::uint64_t bytes) noexcept {
#ifndef QUILL_SANITIZED
  // The soft limit alone: the worker cannot call setrlimit, and we may want to raise it again.
  const rlimit cap{bytes, RLIM_INFINITY};
  ::prlimit(pid_, RLIMIT_AS, &cap, nullptr);
#else
  (void)bytes;
#endif
}

Death WorkerProcess::end() noexcept {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
  if (pid_ <= 0)
    return {};
  ::kill(pid_, SIGKILL);
  int status = 0;
  rusage used{};
  while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return {WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
          static_cast<std::uint64_t>(used.ru_maxrss) << 10U};
}

bool WorkerProcess::wait(short events, Patience& patience) {
  constexpr double kSliceMs = 50; // how soon a Cancel is seen
  while (patience.left_ms > 0) {
    refuse_when_cancelled(patience.cancel);
    const double slice = patience.cancel ? std::min(kSliceMs, patience.left_ms) : patience.left_ms;
    pollfd socket{fd_, events, 0};
    const double start = now_ms();
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min(slice + 1, 1e9)));
    patience.left_ms -= now_ms() - start;
    if (ready > 0)
      return true;
  }
  return false;
}

WorkerProcess::Outcome WorkerProcess::send(Ask ask, std::string_view payload, Patience& patience) {
  const auto frame = encode_head(static_cast<std::uint8_t>(ask), payload.size()).append(payload);
  for (std::string_view rest = frame; !rest.empty();) {
    const auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (!wait(POLLOUT, patience))
        return Outcome::late;
    } else if (errno != EINTR) {
      return Outcome::closed;
    }
  }
  return Outcome::ok;
}

/// Until `bytes` lie in the inbox. It grows with what arrives, never with what is announced.
WorkerProcess::Outcome WorkerProcess::fill(std::size_t bytes, Patience& patience) {
  if (taken_ > 0)
    inbox_.erase(0, std::exchange(taken_, 0));
  while (inbox_.size() < bytes) {
    const auto got = ::recv(fd_, piece_.data(), piece_.size(), 0);
    if (got > 0) {
      inbox_.append(piece_.data(), static_cast<std::size_t>(got));
    } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!wait(POLLIN, patience))
        return Outcome::late;
    } else if (got == 0 || errno != EINTR) {
      return Outcome::closed;
    }
  }
  return Outcome::ok;
}

WorkerProcess::Outcome WorkerProcess::receive(Answer& kind, std::string& payload,
                                              Patience& patience) {
  if (const auto outcome = fill(kFrameHeader, patience); outcome != Outcome::ok)
    return outcome;
  FrameHead head;
  if (!decode_head(inbox_, head) || head.kind == 0 ||
      head.kind > static_cast<std::uint8_t>(Answer::last))
    return Outcome::garbled;
  const auto frame = kFrameHeader + head.payload_bytes;
  if (const auto outcome = fill(frame, patience); outcome != Outcome::ok)
    return outcome;
  kind = static_cast<Answer>(head.kind);
  payload.assign(inbox_, kFrameHeader, head.payload_bytes);
  taken_ = frame;
  return Outcome::ok;
}

} // namespace quill::engine
