// DuckDB under hostile statements.
#include "engine/duckdb_file.hpp"
#include "engine/hostile.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

const std::vector<std::string> kAtoms = {
    "SELECT count(*) FROM users",
    "FROM orders",
    "SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id",
    "SELECT status, sum(amount) FROM orders GROUP BY ALL",
    "VALUES (1), (2)",
    "SELECT repeat('x', 4000000000)",
    "SELECT length(repeat('x', 900000000))",
    "SELECT list_sort(range(50000000))",
    "SELECT bitstring('1', 2000000000)",
    "SELECT rpad('x', 2000000000, 'y')",
    "SELECT levenshtein(repeat('a', 50000), repeat('b', 50000))",
    "SELECT string_agg(i::VARCHAR, ',') FROM range(500000000) t(i)",
    "SELECT count(*) FROM range(1000000000000) t(i) WHERE i % 7 = 3",
    "SELECT * FROM users a, users b, users c, users d",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'quill_pwn.parquet'",
    "SELECT content FROM read_text('/proc/self/environ')",
    "SELECT content FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('x')",
    "SELECT * FROM read_duckdb('/tmp/x')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT current_setting('temp_directory')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('x')",
    "SELECT random()",
    "SELECT uuid()",
    "SELECT sleep_ms(100000)",
    "SELECT * FROM users USING SAMPLE 3 ROWS",
    "SELECT write_log('x')",
    "SELECT * FROM query_table('users')",
    "SELECT * FROM json_execute_serialized_sql('x')",
    "SELECT finalize('x'::BLOB)",
    "SUMMARIZE users",
    "DESCRIBE users",
    "COPY users TO '/tmp/quill_pwn.csv'",
    "COPY users FROM '/etc/passwd'",
    "EXPORT DATABASE '/tmp/quill_pwn_export'",
    "IMPORT DATABASE '/tmp/quill_pwn_export'",
    "ATTACH '/tmp/quill_pwn.duckdb' AS x",
    "INSTALL httpfs",
    "LOAD '/tmp/quill_pwn.duckdb_extension'",
    "SET enable_external_access=true",
    "SET memory_limit='100GB'",
    "SET VARIABLE x = 1",
    "PRAGMA enable_profiling='json'",
    "PRAGMA profiling_output='/tmp/quill_pwn.json'",
    "CALL enable_logging()",
    "CREATE TABLE quill_pwn(a INT)",
    "CREATE TEMP MACRO sum(a) AS 1",
    "CREATE SECRET s (TYPE s3)",
    "DELETE FROM users",
    "UPDATE users SET name = 'x'",
    "DROP TABLE orders",
    "CHECKPOINT",
    "VACUUM",
    "PIVOT users ON city USING count(*)",
};

std::string file_in(const ScratchFolder& folder, const std::string& script) {
  const auto path = folder.path() / "fixture.duckdb";
  write_duckdb(path, script);
  return path;
}

void run_readme_statements(std::int64_t timeout_ms, bool thorough) {
  const auto data = hostile_folder();
  if (!data)
    return;
  const ScratchFolder folder;
  const auto path = file_in(folder, read_file(*data / "fixture_duckdb.sql"));
  const auto fingerprint = fingerprint_of_file(path);
  const auto before = fingerprint();
  Tally tally;
  {
    const auto session = open_duckdb(path);
    tally = run_shared(*session, "duckdb",
                       {.rows = 1000, .timeout_ms = timeout_ms, .memory_mb = 256}, thorough);
  }
  CHECK(tally.statements > 20);
  CHECK(fingerprint() == before);
  tally.print("duckdb");
  if (!kSanitized && thorough)
    CHECK(tally.over_deadline_ms <= 150);
  if (!kSanitized)
    CHECK(largest_child_mb() <= 256 + 350);
}

} // namespace

TEST_CASE("hostile statements on DuckDB end as fair verdicts and change nothing", "[engine]") {
  run_readme_statements(400, false);
}

TEST_CASE("hostile statements on DuckDB, with the limits of their README", "[engine][slow]") {
  run_readme_statements(1500, true);
}

TEST_CASE("100 generated statements leave DuckDB's file as it was", "[engine]") {
  const ScratchFolder folder;
  const auto path = file_in(folder, kDuckdbShop);
  const auto session = open_duckdb(path);
  run_generated(*session, kAtoms, 100, fingerprint_of_file(path)).print("duckdb, generated");
}

TEST_CASE("20,000 generated statements leave DuckDB's file as it was", "[engine][slow]") {
  const ScratchFolder folder;
  const auto path = file_in(folder, kDuckdbShop);
  const auto session = open_duckdb(path);
  run_generated(*session, kAtoms, 20'000, fingerprint_of_file(path)).print("duckdb, generated");
}
