#include "engine/worker/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/worker/stop.hpp"

namespace quill::engine {
namespace {

int watched_fd = -1;

/// The kernel signals every change of the socket: only a hang-up and a message that nobody has read
/// yet (Ask::stop) matter.
void on_socket_signal(int) {
  const int saved = errno;
  pollfd socket{watched_fd, POLLIN | POLLRDHUP, 0};
  if (::poll(&socket, 1, 0) > 0) {
    if ((socket.revents & (POLLHUP | POLLRDHUP | POLLERR)) != 0)
      ::_exit(0);
    if ((socket.revents & POLLIN) != 0)
      request_stop();
  }
  errno = saved;
}

void watch(int fd) {
  watched_fd = fd;
  struct sigaction action{};
  action.sa_handler = on_socket_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGIO, &action, nullptr);
  ::fcntl(fd, F_SETOWN, ::getpid());
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_ASYNC);
  on_socket_signal(0); // the parent may have left before we watched
}

} // namespace

Socket::Socket(int fd) : fd_(fd) {
  watch(fd);
}

bool Socket::read_exactly(char* to, std::size_t bytes) {
  while (bytes > 0) {
    const auto got = ::recv(fd_, to, bytes, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    to += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<Socket::Received> Socket::receive() {
  char head_bytes[kFrameHeader];
  FrameHead head;
  if (!read_exactly(head_bytes, kFrameHeader) || !decode_head({head_bytes, kFrameHeader}, head) ||
      head.kind == 0 || head.kind > static_cast<std::uint8_t>(Ask::last))
    return std::nullopt;
  Received received{static_cast<Ask>(head.kind), {}};
  // Grows as bytes come: an announced size alone costs nothing.
  constexpr std::size_t kPiece = 1U << 20U;
  while (received.payload.size() < head.payload_bytes) {
    const auto have = received.payload.size();
    const auto piece = std::min(kPiece, head.payload_bytes - have);
    received.payload.resize(have + piece);
    if (!read_exactly(received.payload.data() + have, piece))
      return std::nullopt;
  }
  clear_stop();
  return received;
}

void Socket::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent <= 0)
      ::_exit(0); // the parent is gone
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Socket::send(Answer kind, const std::string& payload) {
  write_all(encode_head(static_cast<std::uint8_t>(kind), payload.size()) + payload);
}

} // namespace quill::engine
