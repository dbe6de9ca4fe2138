#include "engine/backend.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <netdb.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/core.h>

namespace quill::engine {
namespace {

constexpr int kConnectMs = 500;

/// 16 bytes, big-endian: length, code 80877102, process, key
/// (https://www.postgresql.org/docs/15/protocol-message-formats.html, CancelRequest).
std::array<std::uint32_t, 4> cancel_request(const Backend& backend) {
  constexpr std::uint32_t kCancelCode = 80877102;
  return {htonl(16), htonl(kCancelCode), htonl(static_cast<std::uint32_t>(backend.pid)),
          htonl(static_cast<std::uint32_t>(backend.key))};
}

class Telephone {
 public:
  explicit Telephone(int domain) : fd_(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{0, kConnectMs * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Telephone() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  Telephone(const Telephone&) = delete;
  Telephone& operator=(const Telephone&) = delete;

  bool say(const sockaddr* address, socklen_t size, const Backend& backend) const {
    if (fd_ < 0 || ::connect(fd_, address, size) != 0)
      return false;
    const auto request = cancel_request(backend);
    if (::send(fd_, request.data(), sizeof request, MSG_NOSIGNAL) != sizeof request)
      return false;
    char end = 0;
    (void)::recv(fd_, &end, 1, 0); // the server hangs up when it has passed the request on
    return true;
  }

 private:
  int fd_;
};

bool cancel_locally(const Backend& backend) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = fmt::format("{}/.s.PGSQL.{}", backend.host, backend.port);
  if (path.size() >= sizeof address.sun_path)
    return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return Telephone(AF_UNIX).say(reinterpret_cast<const sockaddr*>(&address), sizeof address,
                                backend);
}

bool cancel_over_network(const Backend& backend) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(backend.host.c_str(), backend.port.c_str(), &hints, &found) != 0)
    return false;
  bool said = false;
  for (const auto* each = found; each && !said; each = each->ai_next)
    said = Telephone(each->ai_family).say(each->ai_addr, each->ai_addrlen, backend);
  ::freeaddrinfo(found);
  return said;
}

/// The process is the server's child: the number alone may be of another machine or container.
bool is_child_of_server(const Backend& backend) {
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

bool cancel_statement(const Backend& backend) noexcept {
  if (backend.pid == 0)
    return false;
  return backend.host.substr(0, 1) == "/" ? cancel_locally(backend) : cancel_over_network(backend);
}

bool limit_memory(const Backend& backend, std::uint64_t bytes) noexcept {
  if (backend.pid <= 1 || backend.server_pid <= 1 || !is_child_of_server(backend))
    return false;
  const auto now = address_space_of(backend.pid);
  const rlimit cap{now + bytes, RLIM_INFINITY};
  return now > 0 && ::prlimit(backend.pid, RLIMIT_AS, &cap, nullptr) == 0;
}

} // namespace quill::engine
