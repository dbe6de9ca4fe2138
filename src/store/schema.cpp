#include "store/schema.hpp"

#include <fmt/format.h>

#include "quill/store/run.hpp"

namespace quill::store {

namespace {

constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE problem (
  id TEXT PRIMARY KEY, position INTEGER NOT NULL UNIQUE, problem TEXT NOT NULL);
CREATE TABLE call (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, iteration INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'answered')), attempts INTEGER NOT NULL,
  request TEXT NOT NULL);
CREATE TABLE response (
  call_id INTEGER PRIMARY KEY REFERENCES call(id), attempt INTEGER NOT NULL,
  status INTEGER NOT NULL, usable INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE candidate (
  iteration INTEGER NOT NULL, position INTEGER NOT NULL, problem TEXT NOT NULL,
  fingerprint TEXT NOT NULL, candidate TEXT NOT NULL, kept INTEGER NOT NULL,
  duplicate INTEGER NOT NULL, PRIMARY KEY (iteration, position));
CREATE TABLE verdict (
  iteration INTEGER NOT NULL, position INTEGER NOT NULL, verdict TEXT NOT NULL,
  PRIMARY KEY (iteration, position),
  FOREIGN KEY (iteration, position) REFERENCES candidate(iteration, position));
CREATE TABLE example (
  iteration INTEGER NOT NULL, position INTEGER NOT NULL, fingerprint TEXT NOT NULL UNIQUE,
  example TEXT NOT NULL, PRIMARY KEY (iteration, position),
  FOREIGN KEY (iteration, position) REFERENCES candidate(iteration, position));
CREATE TABLE iteration (
  iteration INTEGER PRIMARY KEY, metrics TEXT NOT NULL, elapsed_ms REAL NOT NULL);
CREATE TABLE event (id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE export (name TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (name, sha256));
)sql";

/// What came of attempts that were made again: the answer is in `response`, these are evidence.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE failed_attempt (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,
  what TEXT NOT NULL, body BLOB NOT NULL);
)sql";

std::int64_t version(Connection& connection) {
  return connection.integer("PRAGMA user_version");
}

[[noreturn]] void refuse(const Connection& connection, const std::string& why,
                         const std::string& fix) {
  const std::string path = connection.path().string();
  throw Error{Exit::usage,
              {.what = fmt::format("\"{}\" {}", path, why), .where = path, .fix = fix}};
}

void check_sound(Connection& connection) {
  const std::string found = connection.text("PRAGMA quick_check(1)");
  if (found != "ok")
    refuse(connection, fmt::format("is damaged: {}", found),
           "nothing was changed; restore it from a copy, or start a new run with another --out");
}

void step_up(Connection& connection, std::int64_t from, const std::string& script) {
  Transaction transaction(connection);
  connection.execute(script);
  connection.execute(
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, from + 1));
  crash_point("store.migrate");
  transaction.commit();
}

} // namespace

const Migrations& run_migrations() {
  static const Migrations migrations{kVersion1, kVersion2};
  return migrations;
}

bool is_empty(Connection& connection) {
  return connection.integer("SELECT count(*) FROM sqlite_master") == 0 && version(connection) == 0;
}

void check_run_file(Connection& connection, const Migrations& migrations) {
  if (connection.integer("PRAGMA application_id") != kApplicationId)
    refuse(connection, "is a SQLite database, but not a run of Quill",
           "nothing was changed; give another --out");
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version(connection) > newest)
    refuse(connection,
           fmt::format("has version {}, this Quill knows versions up to {}", version(connection),
                       newest),
           "use the Quill that wrote it, or a later one");
  check_sound(connection);
}

void migrate(Connection& connection, const Migrations& migrations) {
  const bool fresh = is_empty(connection);
  if (!fresh)
    check_run_file(connection, migrations);
  const std::int64_t start = version(connection);
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (!fresh && start < newest)
    back_up(connection, fmt::format("{}.v{}.bak", connection.path().string(), start));
  for (std::int64_t from = start; from < newest; ++from)
    step_up(connection, from, migrations[static_cast<std::size_t>(from)]);
}

} // namespace quill::store
