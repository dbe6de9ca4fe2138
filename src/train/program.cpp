#include "train/program.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

namespace quill::train {

namespace {

Failure failed(const char* what) {
  return {fmt::format("{}: {}", what, std::strerror(errno))};
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  void close() noexcept {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

/// The text as a file without a name, to be read from its beginning; -1 on failure.
int text_as_file(const std::string& text) {
  const int fd = ::memfd_create("answers", MFD_CLOEXEC);
  for (std::size_t done = 0; fd >= 0 && done < text.size();) {
    const auto wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) {
      ::close(fd);
      return -1;
    }
    done += static_cast<std::size_t>(std::max<ssize_t>(0, wrote));
  }
  if (fd >= 0)
    ::lseek(fd, 0, SEEK_SET);
  return fd;
}

/// 0, or an error number.
int spawn(const std::string& command, int input, int output, pid_t& pid) {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  sigset_t none;
  ::sigemptyset(&none);
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own: what it starts is killed with it, and Ctrl-C is for quill, which saves.
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
  std::string shell = "sh", option = "-c", text = command;
  std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
  const int error =
      ::posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

class Deadline {
 public:
  explicit Deadline(std::int64_t timeout_ms)
      : end_(std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms)) {}
  /// Rounded up, so that 0 means that it has passed.
  [[nodiscard]] int left_ms() const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

/// Everything that is written to `fd` until its end.
Result<std::string> read_all(int fd, const Deadline& deadline, std::size_t bytes_max) {
  std::string text;
  std::array<char, 65'536> piece{};
  while (true) {
    pollfd waiting{fd, POLLIN, 0};
    const int left_ms = deadline.left_ms();
    if (left_ms == 0)
      return Failure{"it did not end in time"};
    if (::poll(&waiting, 1, left_ms) <= 0)
      continue; // a signal, or the deadline: looked at above
    const auto got = ::read(fd, piece.data(), piece.size());
    if (got == 0)
      return text;
    if (got < 0 && errno != EINTR)
      return failed("its output cannot be read");
    text.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    if (text.size() > bytes_max)
      return Failure{fmt::format("it wrote more than {} bytes", bytes_max)};
  }
}

/// Waits for the end of a program whose output has ended; false at the deadline.
bool ended_in_time(pid_t pid, const Deadline& deadline) {
  constexpr int kSliceMs = 2;
  while (true) {
    siginfo_t died{};
    if (::waitid(P_PID, static_cast<id_t>(pid), &died, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        died.si_pid != 0)
      return true;
    if (deadline.left_ms() == 0)
      return false;
    ::poll(nullptr, 0, kSliceMs);
  }
}

/// Kills what is left of the group and says how the program itself ended.
int buried(pid_t pid) {
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

} // namespace

Result<std::string> run_program(const std::string& command, const std::string& input,
                                std::int64_t timeout_ms, std::size_t bytes_max) {
  const Descriptor in(text_as_file(input));
  std::array<int, 2> ends{-1, -1};
  if (in.get() < 0 || ::pipe2(ends.data(), O_CLOEXEC) != 0)
    return failed("cannot be started");
  const Descriptor output(ends[0]);
  Descriptor writing(ends[1]);
  pid_t pid = -1;
  if (const int error = spawn(command, in.get(), writing.get(), pid); error != 0)
    return Failure{fmt::format("cannot be started: {}", std::strerror(error))};
  writing.close(); // so that the program's end is the end of its output
  const Deadline deadline(timeout_ms);
  auto text = read_all(output.get(), deadline, bytes_max);
  const bool ended = text.ok() && ended_in_time(pid, deadline);
  const int status = buried(pid);
  if (!text)
    return text;
  if (!ended)
    return Failure{"it did not end in time"};
  if (WIFSIGNALED(status))
    return Failure{fmt::format("it died (signal {})", WTERMSIG(status))};
  if (WEXITSTATUS(status) != 0)
    return Failure{fmt::format("it left with exit code {}", WEXITSTATUS(status))};
  return text;
}

} // namespace quill::train
