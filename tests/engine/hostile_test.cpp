// SQLite under hostile statements.
#include "engine/hostile.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

const std::vector<std::string> kAtoms = {
    "SELECT count(*) FROM users",
    "SELECT * FROM orders",
    "SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id",
    "SELECT status, sum(amount) FROM orders GROUP BY status",
    "VALUES (1), (2)",
    "SELECT printf('%.*c', 900000000, 'x')",
    "SELECT instr(printf('%2000000s', ''), printf('%1000000s', '') || 'x')",
    "SELECT zeroblob(1000000000)",
    "SELECT randomblob(1000000)",
    "SELECT hex(zeroblob(500000))",
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c) SELECT x FROM c",
    "WITH RECURSIVE c(s) AS (VALUES('x') UNION ALL SELECT s||s FROM c) SELECT length(s) FROM c",
    "SELECT * FROM users a, users b, users c, users d",
    "SELECT group_concat(a.name || b.name) FROM users a, users b",
    "SELECT load_extension('/tmp/quill_pwn.so')",
    "SELECT writefile('/tmp/quill_pwn.txt', 'x')",
    "SELECT readfile('/etc/passwd')",
    "SELECT edit('x', 'touch /tmp/quill_pwn')",
    "SELECT fts3_tokenizer('simple', x'4141414141414141')",
    "ATTACH DATABASE '/tmp/quill_pwn.db' AS x",
    "ATTACH 'file:/tmp/quill_pwn.db?mode=rwc' AS y",
    "DETACH main",
    "VACUUM INTO '/tmp/quill_pwn.db'",
    "PRAGMA journal_mode=WAL",
    "PRAGMA writable_schema=ON",
    "PRAGMA query_only=OFF",
    "PRAGMA hard_heap_limit=0",
    "PRAGMA temp_store_directory='/tmp'",
    "SELECT * FROM pragma_table_info('users')",
    "SELECT sql FROM sqlite_schema",
    "SELECT * FROM sqlite_temp_schema",
    "SELECT * FROM dbstat",
    "CREATE TABLE quill_pwn(a)",
    "CREATE TEMP TABLE users(a)",
    "CREATE VIRTUAL TABLE quill_pwn USING fts5(a)",
    "CREATE TEMP TRIGGER t AFTER INSERT ON main.users BEGIN DELETE FROM users; END",
    "DROP TABLE users",
    "DELETE FROM users RETURNING *",
    "UPDATE users SET name = 'x'",
    "INSERT INTO users(id, name) VALUES (99999, 'x')",
    "REPLACE INTO users(id, name) VALUES (1, 'x')",
    "ALTER TABLE users RENAME TO quill_pwn",
    "CREATE INDEX quill_pwn ON orders(status)",
    "REINDEX",
    "ANALYZE",
    "BEGIN EXCLUSIVE",
    "SAVEPOINT s",
    "SELECT value FROM json_each('[1,2,3]')",
    "SELECT random()",
    "SELECT likelihood(1, 0.5)",
};

} // namespace

TEST_CASE("hostile statements on SQLite end as fair verdicts and change nothing", "[engine]") {
  const auto data = hostile_folder();
  if (!data)
    return;
  const ScratchFolder folder;
  const auto path = folder.path() / "fixture.db";
  FileDatabase(path).execute(read_file(*data / "fixture_sqlite.sql"));
  const auto fingerprint = fingerprint_of_file(path);
  const auto before = fingerprint();
  Tally tally;
  {
    const auto session = open_sqlite(path);
    tally =
        run_shared(*session, "sqlite", {.rows = 1000, .timeout_ms = 250, .memory_mb = 256}, false);
  }
  CHECK(tally.statements > 50);
  CHECK(fingerprint() == before);
  tally.print("sqlite");
  if (!kSanitized)
    CHECK(largest_child_mb() <= 256 + 350);
}

TEST_CASE("hostile statements on SQLite, with the limits of their README", "[engine][slow]") {
  const auto data = hostile_folder();
  if (!data)
    return;
  const ScratchFolder folder;
  const auto path = folder.path() / "fixture.db";
  FileDatabase(path).execute(read_file(*data / "fixture_sqlite.sql"));
  const auto session = open_sqlite(path);
  const auto tally =
      run_shared(*session, "sqlite", {.rows = 1000, .timeout_ms = 1500, .memory_mb = 256}, true);
  tally.print("sqlite");
  if (!kSanitized)
    CHECK(tally.over_deadline_ms <= 150);
}

TEST_CASE("100 generated statements leave SQLite's file as it was", "[engine]") {
  const ScratchFolder folder;
  const auto path = write_shop(folder);
  const auto session = open_sqlite(path);
  run_generated(*session, kAtoms, 100, fingerprint_of_file(path)).print("sqlite, generated");
}

TEST_CASE("20,000 generated statements leave SQLite's file as it was", "[engine][slow]") {
  const ScratchFolder folder;
  const auto path = write_shop(folder);
  const auto session = open_sqlite(path);
  run_generated(*session, kAtoms, 20'000, fingerprint_of_file(path)).print("sqlite, generated");
}
