#include "engine/backend.hpp"

#include <csignal>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
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

bool cap_address_space(int pid, std::uint64_t bytes) {
  const rlimit cap{bytes, RLIM_INFINITY};
  return ::prlimit(pid, RLIMIT_AS, &cap, nullptr) == 0;
}

/// Root without CAP_SYS_RESOURCE (in many containers) may still become the server's user. A thread
/// does, by system calls of its own: those of the C library would change the whole process.
bool cap_as_its_user(int pid, std::uint64_t bytes) {
  struct stat owner{};
  if (::geteuid() != 0 || ::stat(fmt::format("/proc/{}", pid).c_str(), &owner) != 0)
    return false;
  bool capped = false;
  std::thread([&] {
    const auto group = owner.st_gid;
    const auto user = owner.st_uid;
    capped = ::syscall(SYS_setresgid, group, group, group) == 0 &&
             ::syscall(SYS_setresuid, user, user, user) == 0 && cap_address_space(pid, bytes);
  }).join();
  return capped;
}

} // namespace

bool cancel(const Backend& backend) noexcept {
  return is_child_of_server(backend) && ::kill(backend.pid, SIGINT) == 0;
}

bool limit_memory(const Backend& backend, std::uint64_t bytes) {
  if (!is_child_of_server(backend))
    return false;
  const auto now = address_space_of(backend.pid);
  return now > 0 &&
         (cap_address_space(backend.pid, now + bytes) || cap_as_its_user(backend.pid, now + bytes));
}

} // namespace quill::engine
