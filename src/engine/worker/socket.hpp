// The worker's end of the socket: blocking frames, and signals when the parent leaves or wants the
// statement in flight to end.
#pragma once

#include <optional>
#include <string>

#include "engine/protocol.hpp"

namespace quill::engine {

class Socket {
 public:
  /// From here on a parent that dies ends this process at once, whatever it is computing.
  explicit Socket(int fd);

  struct Received {
    Ask ask;
    std::string payload;
  };
  /// Nothing when the parent is gone or speaks another protocol.
  std::optional<Received> receive();

  template <class T> void answer(Answer kind, const T& value) {
    Encoder out;
    encode(out, value);
    send(kind, out.bytes());
  }
  void send(Answer kind, const std::string& payload);

 private:
  bool read_exactly(char* to, std::size_t bytes);
  void write_all(std::string_view bytes);
  int fd_;
};

} // namespace quill::engine
