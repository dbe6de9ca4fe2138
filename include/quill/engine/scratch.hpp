// A database whose rows are replaced again and again: for proofs that try thousands of small ones.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quill/engine/session.hpp"

namespace quill::engine {

/// Rows of one table, as many cells each as there are columns.
struct TableRows {
  std::string table;
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

/// What became of the rows of a load.
struct Loaded {
  bool ok = false;
  std::string message; ///< the engine's words when !ok
  /// Table by table, row by row: 1 when it is in; a row that breaks UNIQUE, NOT NULL, CHECK or a
  /// STRICT type is left out.
  std::vector<std::vector<std::uint8_t>> kept;
};

/// One statement of a batch.
struct Asked {
  std::string sql;
  Side side = Side::base;
};

/// A session on a database of its own. Side::reversed holds the same rows and visits them in the
/// opposite order wherever the statement leaves the order open: SQLite is told to, DuckDB and
/// PostgreSQL are given the rows the other way round. build_indexes() builds there, on SQLite
/// alone, and what it built before goes.
class Scratch : public Session {
 public:
  /// Empties every named table, then inserts the rows. Foreign keys are not looked at. Indexes of
  /// Side::indexed are not kept up to date.
  virtual Loaded load(const std::vector<TableRows>& tables) = 0;

  /// One run each, every row hashed, each statement prepared once a session. Of a Sample only
  /// status, cause, message, steps, digest and row_count are filled. `limits` are of each one.
  virtual std::vector<Sample> hashes(const std::vector<Asked>& statements,
                                     const Limits& limits) = 0;
};

/// `script` is DDL that the caller has looked at; it runs for at most 10 s.
/// \throws Error{usage} when it fails
[[nodiscard]] std::unique_ptr<Scratch> open_sqlite_scratch(std::string_view script,
                                                           const Cancel* cancel = nullptr);
/// The same in DuckDB's memory. \throws Error{usage} when the script fails, or without DuckDB
[[nodiscard]] std::unique_ptr<Scratch> open_duckdb_scratch(std::string_view script,
                                                           const Cancel* cancel = nullptr);
/// The same as temporary tables of a session on a PostgreSQL server, whose role may make such.
/// \throws Error{usage} when the script fails, or without PostgreSQL; Error{outside}
[[nodiscard]] std::unique_ptr<Scratch> open_postgres_scratch(std::string_view connection,
                                                             std::string_view script,
                                                             const Cancel* cancel = nullptr);
/// `server` is PostgreSQL's connection string; the other engines need none.
[[nodiscard]] std::unique_ptr<Scratch> open_scratch(Engine engine, std::string_view server,
                                                    std::string_view script,
                                                    const Cancel* cancel = nullptr);

} // namespace quill::engine
