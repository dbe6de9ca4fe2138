// One database behind one worker process: the only way SQL is run. Hostile statements end as a
// status, never as a crash of the caller.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/engine/value.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/schema.hpp"

namespace quill {
class Cancel;
}

namespace quill::engine {

enum class Engine { sqlite, duckdb, postgres };
[[nodiscard]] std::string_view to_string(Engine engine); ///< "sqlite", "duckdb", "postgres"
/// \throws Error{usage} naming the engines there are
[[nodiscard]] Engine parse_engine(std::string_view name);

enum class Status { ok, blocked, error, timeout, memory_limit, row_limit };
enum class Cause { none, syntax, unknown_name, forbidden, multiple };
[[nodiscard]] std::string_view to_string(Status status); ///< "ok", …, "memory-limit", "row-limit"
/// "syntax", "unknown_name", "forbidden", "multiple"; "" for none.
[[nodiscard]] std::string_view to_string(Cause cause);

struct Limits {
  std::int64_t rows = 1000;       ///< 0 = no limit
  std::int64_t timeout_ms = 5000; ///< wall clock; the parent kills 75 ms after it
  /// What a statement may hold: SQLite's heap without the database image, DuckDB's memory, the
  /// server process of a PostgreSQL session where that process is ours to limit.
  std::int64_t memory_mb = 256;
  std::int64_t result_mb = 64; ///< bytes of rows sent back (0 = no limit)
  std::int64_t steps =
      0; ///< SQLite VM steps, 0 = no limit; passing it is a timeout that repeats exactly
};

/// What the engine saw of one statement.
struct Execution {
  Status status = Status::error;
  Cause cause = Cause::none;
  std::string message; ///< "" when ok
  std::vector<std::string> columns;
  std::vector<Row> rows; ///< empty when a sink took them
  std::int64_t row_count = 0;
  double elapsed_ms = 0;                ///< prepare to last row, inside the worker
  std::int64_t steps = 0;               ///< SQLite VM steps
  std::vector<std::string> tables_read; ///< sorted, as the authorizer saw them
};

/// Hash of all rows: `list` depends on their order, `bag` does not. Cells are hashed so that values
/// that are *the same* (mission.md 2) hash alike: 1 and 1.0, 0.0 and -0.0. Seeded per session:
/// compare within one only.
struct Digest {
  std::uint64_t list[2] = {0, 0};
  std::uint64_t bag[2] = {0, 0};
  bool operator==(const Digest&) const = default;
};

/// One timing sample: every row drained and hashed inside the timed region.
struct Sample {
  Status status = Status::error;
  Cause cause = Cause::none;
  std::string message;
  double elapsed_ms = 0;  ///< of one run (mean over `repeats`)
  double total_ms = 0;    ///< of the whole sample: what SQLite itself spent
  double cpu_ms = 0;      ///< of one run: time on the processor; 0 where the engine cannot tell
  std::int64_t steps = 0; ///< of one run
  int repeats = 1;
  Digest digest;
  std::int64_t row_count = 0;
  std::vector<std::string> columns;
  std::vector<std::string> tables_read;
};

/// Which database a statement sees: the private image as given, or a second one with the built
/// indexes. Both are images of the same kind in the same process, so that their times can be
/// compared.
/// In a Scratch (scratch.hpp) `reversed` holds the same rows, visited the other way round;
/// elsewhere it is the base.
enum class Side { base, indexed, reversed };

struct IndexBuild {
  bool ok = false;
  std::string message;    ///< the engine's words when !ok
  double elapsed_ms = 0;  ///< CREATE INDEX only
  double copy_ms = 0;     ///< making the private copy
  std::int64_t bytes = 0; ///< growth of the image
};

/// EXPLAIN QUERY PLAN (SQLite) or EXPLAIN as lines of indented text, and the indexes it uses.
struct Plan {
  bool ok = false;
  std::string message;
  std::vector<std::string> lines;
  std::vector<std::string> indexes_used; ///< by name; automatic ones as "(automatic)"
  std::string json;                      ///< DuckDB, PostgreSQL: EXPLAIN's JSON; "" for SQLite
  double cost = 0; ///< PostgreSQL: its planner's estimate, in its own units; 0 elsewhere
};

/// Not thread-safe: one session a thread. A worker that died is replaced at the next call.
class Session {
 public:
  virtual ~Session() = default;

  /// Runs one read-only statement. With a sink, rows are handed over as they arrive and not kept; a
  /// sink that returns false stops the run (status row_limit).
  virtual Execution run(std::string_view sql, const Limits& limits, Side side = Side::base,
                        const std::function<bool(Row&&)>& sink = {}) = 0;

  /// One timing sample. The statement repeats until the sample lasts `sample_ms_min` (0: once).
  virtual Sample sample(std::string_view sql, const Limits& limits, Side side = Side::base,
                        double sample_ms_min = 0) = 0;

  /// DuckDB and PostgreSQL answer a list that is not empty with ok = false: DuckDB's indexes serve
  /// keys, and a server's database is never written.
  /// Builds CREATE INDEX statements on a fresh private copy, which becomes Side::indexed; earlier
  /// ones are gone. Each must be one CREATE INDEX on an existing table. Given none, Side::indexed
  /// equals Side::base.
  virtual IndexBuild build_indexes(const std::vector<std::string>& create_index,
                                   const Limits& limits) = 0;

  virtual Plan plan(std::string_view sql, Side side = Side::base) = 0;

  /// Runs the statement as well, so that the plan's JSON holds what each step took (EXPLAIN
  /// ANALYZE). SQLite has no such thing: plan().
  virtual Plan analyze(std::string_view sql, const Limits& limits, Side side = Side::base) {
    (void)limits;
    return plan(sql, side);
  }

  /// The plan if these indexes were there; nothing is built. PostgreSQL alone can tell, where the
  /// database has the extension hypopg; elsewhere ok = false, and the message says what is missing.
  virtual Plan suppose(std::string_view sql, const std::vector<std::string>& create_index) {
    (void)sql, (void)create_index;
    Plan plan;
    plan.message = "this engine does not plan with indexes that are not there";
    return plan;
  }

  /// EXPLAIN bytecode without comments and addresses of constants: equal texts are equal programs.
  /// "" when it does not prepare, and for other engines than SQLite. The trust check of a parsed
  /// tree compares two of these.
  virtual std::string program(std::string_view sql) = 0;

  /// Tables, keys, indexes and row counts (counted, or estimated for images above 1 GB).
  virtual const sql::Schema& schema() = 0;

  /// libpg_query in the worker: a parser crash costs a worker, not the caller.
  virtual sql::Grammar grammar() = 0;

  /// "sqlite 3.40.1", "duckdb 1.5.5", "postgres 15.18"
  [[nodiscard]] virtual std::string version() const = 0;
  [[nodiscard]] virtual Engine engine() const { return Engine::sqlite; }

  /// Process id of the worker that serves this session; -1 when there is none. For tests that kill
  /// it.
  [[nodiscard]] virtual int worker_pid() const { return -1; }
};

/// Opens a SQLite file as a private image; the file itself is never written. `cancel` may be null.
/// \throws Error{usage}: missing, not a file, not a database, corrupt (quick_check), hot journal;
/// Error{storage}
[[nodiscard]] std::unique_ptr<Session> open_sqlite(const std::filesystem::path& database,
                                                   const Cancel* cancel = nullptr);
/// A database that lives in memory only, made by running `script` (DDL and INSERTs we wrote
/// ourselves).
[[nodiscard]] std::unique_ptr<Session> open_sqlite_script(std::string_view script,
                                                          const Cancel* cancel = nullptr);

/// Opens a DuckDB file, read-only; while the session lives nobody else can write it. One thread, no
/// other file, no network, no extension, its configuration locked.
/// \throws Error{usage}: missing, not a database, held by a writer, DuckDB not in this build
[[nodiscard]] std::unique_ptr<Session> open_duckdb(const std::filesystem::path& database,
                                                   const Cancel* cancel = nullptr);
/// A DuckDB database in memory, made by a script of our own.
[[nodiscard]] std::unique_ptr<Session> open_duckdb_script(std::string_view script,
                                                          const Cancel* cancel = nullptr);

/// Connects to a PostgreSQL server. `connection` is a libpq connection string or URI; PGPASSWORD is
/// taken from the environment. Every statement runs in a READ ONLY transaction that is rolled back.
/// A superuser's session gives its rights away and runs as pg_read_all_data.
/// \throws Error{usage}: a bad connection string, PostgreSQL not in this build; Error{outside}: the
/// server refuses
[[nodiscard]] std::unique_ptr<Session> open_postgres(std::string_view connection,
                                                     const Cancel* cancel = nullptr);
/// Tables of a script of our own as temporary tables of the session: nobody else sees them, and
/// they go with it.
[[nodiscard]] std::unique_ptr<Session> open_postgres_script(std::string_view connection,
                                                            std::string_view script,
                                                            const Cancel* cancel = nullptr);

/// `database` is a file, or a connection string for PostgreSQL.
[[nodiscard]] std::unique_ptr<Session> open_session(Engine engine, const std::string& database,
                                                    const Cancel* cancel = nullptr);

/// Whether an engine can be used here, for `doctor`.
struct EngineState {
  bool built = false;  ///< part of this build
  bool works = false;  ///< its worker starts and answers
  std::string version; ///< "duckdb 1.5.5"; of PostgreSQL the client library's
  std::string reason;  ///< why it is not there or does not work, with the way out
};
[[nodiscard]] EngineState engine_state(Engine engine);

/// What protection this kernel gives to the worker, for `doctor`.
struct Protection {
  int landlock_abi = 0; ///< 0: none
  bool seccomp = false;
  bool memory_limit = false;
};
[[nodiscard]] Protection protection();

} // namespace quill::engine
