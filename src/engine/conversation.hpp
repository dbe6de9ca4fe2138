// The talk with one worker: a question, its answer, the rows before it; deadlines and deaths on the
// way.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/protocol.hpp"
#include "engine/row_receiver.hpp"
#include "engine/worker_process.hpp"

namespace quill::engine {

inline constexpr std::size_t kSecretBytes = 192;

template <class T> std::string encoded(const T& value) {
  Encoder out;
  encode(out, value);
  return out.bytes();
}

[[nodiscard]] std::string random_bytes(std::size_t count);
/// The limit, and the grace after which the worker is killed.
[[nodiscard]] double patience_ms(const Limits& limits);

/// How a question ended: with an answer, or why not.
struct Reply {
  WorkerProcess::Outcome outcome = WorkerProcess::Outcome::closed;
  Answer kind = Answer::refused;
  std::string payload;
  Death death; ///< when there is no answer
  bool out_of_memory = false;

  [[nodiscard]] bool is(Answer wanted) const {
    return outcome == WorkerProcess::Outcome::ok && kind == wanted;
  }
  [[nodiscard]] Status status() const;
  [[nodiscard]] std::string message(const Limits& limits) const;
};

/// How a worker is started, and what it is asked first.
struct Opening {
  std::string program; ///< "quill-worker-duckdb"
  Ask ask = Ask::open_file;
  std::string payload;
  std::string place; ///< the `where` of errors: a file, a server, "script"
  std::string fix;   ///< when the worker dies over it
  double patience_ms = 600'000;
};

class Conversation {
 public:
  explicit Conversation(const Cancel* cancel) : cancel_(cancel) {}

  /// Starts a worker and opens the database; an earlier worker is ended.
  /// \throws Error{usage}, Error{outside} as the worker refuses; Error{storage}; Error{interrupted}
  void open(const Opening& opening);
  /// False when the worker died, or was left in the middle of an answer: it is to be opened again.
  [[nodiscard]] bool usable() const;
  void end() noexcept { worker_.reset(); }

  [[nodiscard]] const Opened& opened() const noexcept { return opened_; }
  [[nodiscard]] int pid() const { return worker_ ? worker_->pid() : -1; }
  /// Caps the worker's address space.
  void limit_memory(std::uint64_t bytes);
  /// A worker that dies by a signal while it holds so much died of its memory limit: its engine
  /// does not survive every allocation that fails. 0: never.
  void crash_means_memory_above(std::uint64_t bytes) noexcept { crash_bytes_ = bytes; }
  /// Called when a deadline passed, before the worker is killed.
  void on_late(std::function<void()> action) { on_late_ = std::move(action); }

  /// One question, one answer; rows that come before it go to `rows`.
  Reply ask(Ask kind, const std::string& payload, double wait_ms, RowReceiver* rows = nullptr);
  /// True when `reply` is a whole T of this kind; a worker that says something else is ended.
  template <class T> bool understood(const Reply& reply, Answer kind, T& value) {
    if (reply.is(kind) && decode_whole(reply.payload, value))
      return true;
    worker_.reset();
    return false;
  }

  /// The questions every engine's worker answers.
  Execution run(const Statement& statement, const std::function<bool(Row&&)>& sink);
  Sample sample(const Statement& statement);
  Plan plan(Ask kind, const Statement& statement);
  Plan suppose(const Supposition& supposition);
  TextAnswer text(Ask kind, std::string_view text);
  SchemaAnswer schema();
  /// Of a scratch: `payload` is an encoded LoadRequest.
  Loaded load(const std::string& payload);
  std::vector<Sample> hashes(const std::vector<Asked>& statements, const Limits& limits);

 private:
  Plan planned(Ask kind, const std::string& payload, const Limits& limits);
  Reply converse(Ask kind, const std::string& payload, Patience patience, RowReceiver* rows);
  bool take_rows(Reply& reply, RowReceiver& rows, Patience& patience);

  const Cancel* cancel_;
  std::optional<WorkerProcess> worker_;
  Opened opened_;
  std::uint64_t memory_cap_ = 0;
  std::uint64_t crash_bytes_ = 0;
  bool mid_sentence_ = false; ///< the worker was left in the middle of an answer
  std::function<void()> on_late_;
};

[[nodiscard]] std::string too_long(std::string_view sql); ///< "" or why it is refused

/// A refusal that needs no worker: true when the statement is longer than any worker takes.
template <class T> bool is_too_long(std::string_view sql, T& outcome) {
  outcome.message = too_long(sql);
  if (outcome.message.empty())
    return false;
  outcome.status = Status::blocked;
  outcome.cause = Cause::syntax;
  return true;
}

} // namespace quill::engine
