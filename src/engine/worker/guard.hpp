// The guards inside the process: what a statement may name (authorizer) and how long it may run
// (progress handler). They come on top of the process's own walls; alone they are not enough.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quill/engine/session.hpp"

namespace quill::engine {

/// Who speaks: the worker itself, or a foreign statement of one kind.
enum class Trust { own, select_only, create_index_only };

[[nodiscard]] bool is_allowed_function(std::string_view name);

/// One per connection; SQLite holds pointers to it, so it does not move.
class Guard {
 public:
  Guard() = default;
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  void trust(Trust trust) noexcept { trust_ = trust; }
  /// The ordinary tables: of what is read, only these are told.
  void tell_tables(std::vector<std::string> names) { tables_ = std::move(names); }
  /// Names of virtual tables, lower case: they may not be read.
  void forbid_tables(std::vector<std::string> names) { forbidden_tables_ = std::move(names); }

  /// Before each prepare: forgets what the last statement read and what was denied.
  void begin_statement();
  /// Before each run: the deadline starts now.
  void start_clock(const Limits& limits);
  /// Time that does not count (sending rows).
  void pause();
  void resume();
  [[nodiscard]] double elapsed_ms() const;

  /// The first thing that was denied, as a sentence; "" when nothing was.
  [[nodiscard]] const std::string& denied() const noexcept { return denied_; }
  /// Sorted, without repeats.
  [[nodiscard]] std::vector<std::string> tables_read() const;
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  /// The callbacks of SQLite.
  static int authorize(void* guard, int action, const char* first, const char* second,
                       const char* database, const char* trigger);
  static int progress(void* guard);

 private:
  using Time = std::chrono::steady_clock::time_point;

  int decide(int action, const char* first, const char* second);
  int decide_read(std::string_view table);
  int decide_index(int action, const char* first, const char* second);
  int deny(std::string reason);
  void note_read(const char* table);

  Trust trust_ = Trust::own;
  std::vector<std::string> forbidden_tables_;
  std::vector<std::string> tables_;
  std::vector<std::string> read_;
  const char* last_read_ = nullptr; ///< SQLite's own name, to be compared only
  std::string denied_;
  double timeout_ms_ = 0;
  Time start_{};
  Time paused_{};
  bool timed_ = false;
  bool stopped_ = false;
  std::int64_t ticks_left_ = -1; ///< calls of the progress handler; -1 when steps are not limited
};

/// VM instructions between two calls of the progress handler.
[[nodiscard]] int progress_interval(const Limits& limits);

} // namespace quill::engine
