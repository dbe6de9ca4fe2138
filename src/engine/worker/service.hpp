// One worker's life: open one database, lock the process in, answer questions until the parent
// leaves.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/protocol.hpp"
#include "engine/worker/connection.hpp"
#include "engine/worker/lockdown.hpp"
#include "engine/worker/scratchpad.hpp"
#include "engine/worker/socket.hpp"

namespace quill::engine {

class Service {
 public:
  explicit Service(Socket& socket) : socket_(socket) {}
  /// Returns when the parent is gone or broke the protocol.
  void serve();

 private:
  bool open(const Socket::Received& received);
  void open_file(const OpenFile& request);
  void open_script(const OpenScript& request);
  std::string checked(bool full);
  bool dispatch(const Socket::Received& received);
  bool answer_schema();
  bool answer_build(std::string_view payload);
  bool answer_load(std::string_view payload);
  bool answer_hashes(std::string_view payload);
  bool answer_statement(Ask ask, std::string_view payload);
  void run(Connection& connection, const Statement& statement);
  void set_memory(std::int64_t memory_mb);
  Connection& side(Side side);
  void answer_opened();

  Socket& socket_;
  Walls walls_;
  std::uint64_t address_space_ = 0; ///< before the image was mapped
  std::string hash_secret_;
  Image image_;
  std::unique_ptr<Connection> base_;
  std::unique_ptr<Connection> indexed_;
  std::unique_ptr<Scratchpad> forward_, backward_; ///< since the first load
};

} // namespace quill::engine
