// A guarded SQLite connection on a view of the image.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "engine/worker/guard.hpp"
#include "engine/worker/image.hpp"

namespace quill::engine {

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

struct CloseDatabase {
  void operator()(sqlite3* database) const { ::sqlite3_close_v2(database); }
};
using DatabaseHandle = std::unique_ptr<sqlite3, CloseDatabase>;

/// A statement that may run, or the verdict that it may not.
struct Prepared {
  StatementHandle statement;
  Status status = Status::ok;
  Cause cause = Cause::none;
  std::string message;
};

class Connection {
 public:
  enum class Access { read_only, writable };

  /// An empty in-memory database (for a script).
  Connection();
  /// \throws std::bad_alloc
  Connection(Mapping view, Access access);

  [[nodiscard]] sqlite3* handle() const noexcept { return database_.get(); }
  [[nodiscard]] Guard& guard() noexcept { return *guard_; }

  /// Limits of reliability: sizes, depths, counts. From here on no schema of the file is too big to
  /// be read, since it has been.
  void harden();
  /// Tells the guard the tables there are, and the virtual ones, which foreign statements may not
  /// read.
  void introduce_tables();

  /// Runs our own SQL. "" or the engine's message.
  std::string execute(std::string_view sql);
  /// The first column of our own query, as text.
  [[nodiscard]] std::vector<std::string> column(std::string_view sql);

  /// The gate: one statement, read-only, only what the authorizer allows.
  Prepared prepare(std::string_view sql);
  /// The gate of index builds: one CREATE INDEX. Needs Trust::create_index_only.
  Prepared prepare_index(std::string_view sql);
  /// Starts clock, step count and progress handler for one run of a foreign statement.
  void start(const Limits& limits);

  /// Closes the connection and gives its image back, with what was written to it.
  [[nodiscard]] Mapping release() &&;

 private:
  void configure();
  Prepared compile(std::string_view sql);
  Prepared verdict(int code);

  Mapping view_; // outlives the connection that reads it: declared before
  std::unique_ptr<Guard> guard_;
  DatabaseHandle database_;
};

/// Only blanks, comments and semicolons.
[[nodiscard]] bool is_blank_sql(std::string_view sql);
/// What a failed step means.
[[nodiscard]] Prepared runtime_verdict(sqlite3* database, const Guard& guard, int code);

} // namespace quill::engine
