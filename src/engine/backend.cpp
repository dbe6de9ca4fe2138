#include "engine/backend.hpp"

#include <csignal>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/core.h>

namespace quill::engine {
namespace {

/// The process is the server's child: the number alone may be of another machine or container.
bool is_child_of_server(const Backend& backend) {
  if (backend.pid <= 1 || backend.server_pid <= 1)
    return false;
  std::ifstream status(fmt::format("/proc/{}/status", backend.pid));
  const auto wanted = fmt::format("PPid:\t{}", backend.server_pid);
  for (std::string line; std::getline(status, line);)
    if (line == wanted)
      return true;
  return false;
}

std::uint64_t address_space_of(int pid) {
  std::uint64_t pages = 0;
  std::ifstream(fmt::format("/proc/{}/statm", pid)) >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

bool cancel(const Backend& backend) noexcept {
  return is_child_of_server(backend) && ::kill(backend.pid, SIGINT) == 0;
}

bool limit_memory(const Backend& backend, std::uint64_t bytes) noexcept {
  if (!is_child_of_server(backend))
    return false;
  const auto now = address_space_of(backend.pid);
  const rlimit cap{now + bytes, RLIM_INFINITY};
  return now > 0 && ::prlimit(backend.pid, RLIMIT_AS, &cap, nullptr) == 0;
}

} // namespace quill::engine
