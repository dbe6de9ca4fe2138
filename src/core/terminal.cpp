#include "core/terminal.hpp"

#include <cerrno>
#include <mutex>
#include <string>
#include <unistd.h>

namespace quill {

namespace {

struct Stderr {
  std::mutex mutex;
  bool bar_stands = false;
};

/// Never destroyed: threads may write while the process ends.
Stderr& shared_stderr() {
  static auto* const instance = new Stderr;
  return *instance;
}

constexpr std::string_view kWipeLine = "\r\x1b[K";

/// A stderr that is closed or full is nobody's failure: there is nowhere left to say so.
void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

} // namespace

void write_stderr_line(std::string_view line) {
  Stderr& out = shared_stderr();
  const std::lock_guard lock(out.mutex);
  std::string bytes(out.bar_stands ? kWipeLine : std::string_view{});
  out.bar_stands = false;
  write_all(bytes.append(line).append("\n"));
}

void draw_stderr_bar(std::string_view bar) {
  Stderr& out = shared_stderr();
  const std::lock_guard lock(out.mutex);
  if (bar.empty() && !out.bar_stands)
    return;
  out.bar_stands = !bar.empty();
  write_all(std::string(kWipeLine).append(bar));
}

} // namespace quill
