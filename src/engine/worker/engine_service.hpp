// The life of a worker of any engine but SQLite (whose Service has more to do): open one database,
// answer questions until the parent leaves.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/protocol.hpp"
#include "engine/worker/lockdown.hpp"
#include "engine/worker/socket.hpp"

namespace quill::engine {

/// Takes the payload of a full Answer::rows frame.
using SendFrame = std::function<void(const Encoder& payload)>;

class EngineService {
 public:
  explicit EngineService(Socket& socket) : socket_(socket) {}
  virtual ~EngineService() = default;
  EngineService(const EngineService&) = delete;
  EngineService& operator=(const EngineService&) = delete;

  /// Returns when the parent is gone or broke the protocol.
  void serve();

 protected:
  /// The library, without a database: "duckdb 1.5.5".
  [[nodiscard]] virtual std::string version() const = 0;
  /// Answers `opened` or `refused`. False: the question is not one of this engine's.
  virtual bool open(const Socket::Received& received) = 0;
  virtual Execution run(const Statement& statement, const SendFrame& send) = 0;
  virtual Sample sample(const Statement& statement) = 0;
  /// A sample of one run, of a statement that is asked again and again on other rows.
  virtual Sample hash(const Statement& statement) { return sample(statement); }
  virtual Plan plan(const Statement& statement, bool analyze) = 0;
  /// EXPLAIN as if indexes were there.
  virtual Plan suppose(const Supposition& supposition);
  virtual SchemaAnswer schema() = 0;
  /// Empties the named tables and fills them, from the last row to the first when `reversed`.
  virtual Loaded load(const std::vector<TableRows>& tables, bool reversed) = 0;

  void answer_opened(Opened opened, const Walls& walls);
  void refuse(const Refused& refused) { socket_.answer(Answer::refused, refused); }

 private:
  bool dispatch(const Socket::Received& received);
  bool answer_statement(Ask ask, std::string_view payload);
  bool answer_supposition(std::string_view payload);
  bool answer_load(std::string_view payload);
  bool answer_hashes(std::string_view payload);
  /// Has the rows lie in the order of `side`.
  void turn_to(Side side);

  Socket& socket_;
  std::vector<TableRows> rows_; ///< of the last load
  bool reversed_ = false;
};

/// What the first question asks to open; monostate when it is not such a question, or not whole.
[[nodiscard]] std::variant<std::monostate, OpenFile, OpenScript>
opening_in(const Socket::Received& received);
/// libpg_query's tree of a text.
[[nodiscard]] TextAnswer parse_tree(std::string_view sql);
/// Bytes this process has mapped.
[[nodiscard]] std::uint64_t address_space();
/// Bytes of it that lie in memory.
[[nodiscard]] std::uint64_t resident_bytes();

/// Lets the main thread's stack grow to 64 MB, for what recurses over a stranger's text.
void allow_deep_recursion();
/// main() of a worker: `serve` with the socket the parent gave; the exit code.
int serve_parent(const char* name, const std::function<void(Socket&)>& serve);

} // namespace quill::engine
