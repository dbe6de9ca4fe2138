// Are two queries the same on every database that the schema allows? Tried on many small databases
// made to tell them apart, with mutants of `before` that measure whether the data can tell at all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"
#include "quill/engine/value.hpp"
#include "quill/sql/pair.hpp"

namespace quill {
class Cancel;
}

namespace quill::judge {

/// How much is tried. Without the clock the same databases are tried on every machine.
struct ProofOptions {
  engine::Engine engine = engine::Engine::sqlite;
  std::string server = {}; ///< PostgreSQL's connection string; "" for the other engines
  /// Processor time of one pair (wall clock on PostgreSQL), looked at between databases; at most
  /// five times as long by the wall clock.
  std::int64_t budget_ms = 2000;
  std::int64_t databases_max = 600; ///< no more are tried
  std::uint64_t seed = 42;
  bool use_clock = true;          ///< false (--measure steps): budget_ms is not looked at
  std::int64_t steps = 2'000'000; ///< VM steps of one run of a statement on one small database
};

/// A database on which the pair differs, with as few rows as could be found.
struct Counterexample {
  std::string database; ///< SQL script for an empty database: DDL and INSERTs
  std::vector<engine::Row> before_rows, after_rows; ///< at most 100 of each
};

struct Proof {
  std::string verdict = "unknown"; ///< same | different | unknown
  std::int64_t databases_tried = 0;
  std::int64_t mutants_killed = 0, mutants = 0;
  std::optional<Counterexample> counterexample; ///< always there when `different`
  std::string reason;                           ///< one sentence
  /// The text of the statement that does not run on this schema ("before: no such column: x"); ""
  /// when both run.
  std::string does_not_run;
};
/// The document of cli.md; rows as arrays of cells.
[[nodiscard]] Json to_json(const Proof& proof);

/// Proves pairs over one schema; its worker stays warm between pairs. Not thread-safe.
class Prover {
 public:
  /// `ddl` is a script of CREATE TABLE, CREATE INDEX and CREATE VIEW in the engine's dialect; it is
  /// not trusted (it runs in a worker under limits). On PostgreSQL it becomes temporary tables.
  /// `cancel` may be null; it must outlive the prover.
  /// \throws Error{usage} when the schema holds another statement, has no table, or does not run
  Prover(std::string_view ddl, ProofOptions options, const Cancel* cancel = nullptr);
  ~Prover();
  Prover(Prover&&) noexcept;
  Prover& operator=(Prover&&) noexcept;

  /// Never throws for what a pair contains. `needs` counts; indexes of `after` do not (they change
  /// no rows). \throws Error{interrupted}
  [[nodiscard]] Proof prove(const sql::Pair& pair);

 private:
  struct Room;
  std::unique_ptr<Room> room_;
};

} // namespace quill::judge
