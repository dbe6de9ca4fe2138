// A real HTTP server on loopback whose behaviour a test scripts byte by byte: it can drip, cut,
// reset, or hang until the test lets go. Header-only: any room's tests may include it.
#pragma once

#include <arpa/inet.h>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace quill::tests {

struct FakeRequest {
  std::string method;
  std::string path;
  std::string head; ///< request line and headers, as sent
  std::string body;
  [[nodiscard]] bool has_header(const std::string& line) const {
    return head.find("\r\n" + line + "\r\n") != std::string::npos;
  }
};

/// The server's side of one connection, as a script sees it.
class FakeConnection {
 public:
  FakeConnection(int socket, std::function<void()> wait)
      : socket_(socket), wait_(std::move(wait)) {}

  /// False once the client has gone.
  bool send(const std::string& bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0)
        return false;
      sent += static_cast<std::size_t>(count);
    }
    return true;
  }
  /// Hangs until the test calls release() or the server ends.
  void wait_for_release() const { wait_(); }
  /// The end of the connection becomes a TCP reset.
  void reset() const {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  int socket_;
  std::function<void()> wait_;
};

/// A whole reply with its Content-Length.
[[nodiscard]] inline std::string http_reply(int status, const std::string& body,
                                            const std::string& headers = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
         headers + "\r\n" + body;
}

class FakeHttpServer {
 public:
  /// Runs on the connection's own thread; the connection closes when it returns.
  using Script = std::function<void(const FakeRequest&, const FakeConnection&)>;

  explicit FakeHttpServer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        ::pipe(wake_) != 0)
      throw std::runtime_error("no loopback server");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  /// The same reply for every request.
  explicit FakeHttpServer(std::string reply)
      : FakeHttpServer([reply = std::move(reply)](const FakeRequest&, const FakeConnection& out) {
          out.send(reply);
        }) {}

  ~FakeHttpServer() {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      for (const int socket : sockets_)
        ::shutdown(socket, SHUT_RDWR);
    }
    released_.notify_all();
    [[maybe_unused]] const ssize_t told = ::write(wake_[1], "x", 1);
    acceptor_.join();
    for (auto& thread : threads_)
      thread.join();
    for (const int fd : {listener_, wake_[0], wake_[1]})
      ::close(fd);
  }
  FakeHttpServer(const FakeHttpServer&) = delete;
  FakeHttpServer& operator=(const FakeHttpServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::vector<FakeRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// Blocks until `count` requests have arrived.
  void wait_for_requests(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return requests_.size() >= count; });
  }
  void release() {
    {
      const std::lock_guard lock(mutex_);
      released_flag_ = true;
    }
    released_.notify_all();
  }

 private:
  void accept_all() {
    for (;;) {
      pollfd waiting[2] = {{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}};
      ::poll(waiting, 2, -1);
      if (waiting[1].revents != 0)
        return;
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0)
        continue;
      const std::lock_guard lock(mutex_);
      if (closing_) {
        ::close(socket);
        return;
      }
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    FakeRequest request;
    if (read_request(socket, request)) {
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      arrived_.notify_all();
      script_(request, FakeConnection(socket, [this] { wait_until_released(); }));
    }
    const std::lock_guard lock(mutex_);
    std::erase(sockets_, socket);
    ::close(socket);
  }

  void wait_until_released() {
    std::unique_lock lock(mutex_);
    released_.wait(lock, [this] { return released_flag_ || closing_; });
  }

  static constexpr char kTlsHello = 0x16;

  static bool read_request(int socket, FakeRequest& request) {
    std::string bytes;
    std::size_t head_end = std::string::npos;
    while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos)
      if (!read_more(socket, bytes))
        return false;
      else if (bytes.front() == kTlsHello)
        return true; // the script answers a TLS greeting as it likes
    request.head = bytes.substr(0, head_end + 2);
    const std::size_t size = content_length(request.head);
    while (bytes.size() < head_end + 4 + size)
      if (!read_more(socket, bytes))
        return false;
    request.body = bytes.substr(head_end + 4, size);
    const std::size_t space = bytes.find(' ');
    request.method = bytes.substr(0, space);
    request.path = bytes.substr(space + 1, bytes.find(' ', space + 1) - space - 1);
    return true;
  }

  static bool read_more(int socket, std::string& bytes) {
    char buffer[4096];
    const ssize_t count = ::recv(socket, buffer, sizeof buffer, 0);
    if (count > 0)
      bytes.append(buffer, static_cast<std::size_t>(count));
    return count > 0;
  }

  static std::size_t content_length(const std::string& head) {
    const std::string name = "\r\nContent-Length: ";
    const std::size_t at = head.find(name);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
  }

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  int wake_[2] = {-1, -1};
  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::condition_variable arrived_;
  bool released_flag_ = false;
  bool closing_ = false;
  std::vector<int> sockets_;
  std::vector<FakeRequest> requests_;
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

} // namespace quill::tests
