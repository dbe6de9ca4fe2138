// PostgreSQL under hostile statements.
#include "engine/hostile.hpp"
#include "engine/postgres_server.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

const std::vector<std::string> kAtoms = {
    "SELECT count(*) FROM users",
    "TABLE orders",
    "SELECT o.* FROM orders o JOIN users u ON u.id = o.user_id",
    "SELECT status, sum(amount) FROM orders GROUP BY status",
    "VALUES (1), (2)",
    "SELECT repeat('x', 1000000000)",
    "SELECT length(repeat('x', 900000000))",
    "SELECT array_fill(1, ARRAY[100000000])",
    "SELECT array_agg(i) FROM generate_series(1, 100000000) i",
    "SELECT i FROM generate_series(1, 100000000000) i ORDER BY md5(i::text)",
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c",
    "SELECT * FROM users a, users b, users c, users d",
    "SELECT repeat('a', 30000) ~ '((a|aa)+)+$b'",
    "SELECT 10::numeric ^ 100000",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_sleep(100)",
    "SELECT pg_advisory_lock(1)",
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT current_setting('data_directory')",
    "SELECT nextval('s1')",
    "SELECT setval('s1', 99)",
    "SELECT pg_notify('c', 'x')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity",
    "SELECT pg_reload_conf()",
    "SELECT pg_export_snapshot()",
    "SELECT txid_current()",
    "SELECT random()",
    "SELECT gen_random_uuid()",
    "SELECT query_to_xml('DELETE FROM users', true, true, '')",
    "SELECT table_to_xml('users', true, true, '')",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_settings",
    "SELECT * FROM information_schema.tables",
    "SELECT dblink_connect('dbname=postgres')",
    "SELECT * FROM users TABLESAMPLE BERNOULLI (10)",
    "COPY users TO '/tmp/quill_pwn.csv'",
    "COPY users TO PROGRAM 'touch /tmp/quill_pwn'",
    "COPY users TO STDOUT",
    "COPY note FROM STDIN",
    "CREATE TABLE quill_pwn(a int)",
    "CREATE TEMP TABLE users(a int)",
    "CREATE FUNCTION quill_pwn() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION dblink",
    "CREATE ROLE quill_pwn SUPERUSER LOGIN",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "SET ROLE postgres",
    "RESET SESSION AUTHORIZATION",
    "SET SESSION AUTHORIZATION postgres",
    "SET default_transaction_read_only = off",
    "SET TRANSACTION READ WRITE",
    "DELETE FROM users",
    "WITH d AS (DELETE FROM users RETURNING *) SELECT * FROM d",
    "UPDATE users SET name = 'x'",
    "INSERT INTO note VALUES ('x')",
    "TRUNCATE users",
    "DROP TABLE orders",
    "VACUUM",
    "LISTEN c",
    "NOTIFY c, 'x'",
    "LOCK TABLE users",
    "BEGIN READ WRITE",
    "COMMIT",
    "PREPARE TRANSACTION 'quill_pwn'",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "DO $$ BEGIN PERFORM lo_create(0); END $$",
    "SHOW data_directory",
};

/// The tables, and what else a statement could leave in the server.
std::string state_of(const PostgresServer& server) {
  return server.psql(
      "SELECT (SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users u),"
      " (SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM orders o),"
      " (SELECT count(*) FROM note), (SELECT last_value FROM s1), (SELECT is_called FROM s1),"
      " (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pg_proc),"
      " (SELECT count(*) FROM pg_roles), (SELECT count(*) FROM pg_namespace),"
      " (SELECT count(*) FROM pg_extension), (SELECT count(*) FROM pg_largeobject_metadata),"
      " (SELECT count(*) FROM pg_prepared_xacts),"
      " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'),"
      " (SELECT md5(string_agg(name || '=' || setting, ',' ORDER BY name)) FROM pg_settings"
      "  WHERE name NOT IN ('application_name', 'transaction_read_only'))");
}

Fingerprint fingerprint_of(const PostgresServer& server) {
  return [&server] {
    std::string text = state_of(server);
    for (const auto& entry : std::filesystem::directory_iterator("/tmp"))
      if (entry.path().filename().string().rfind("quill_pwn", 0) == 0)
        text += " " + entry.path().string();
    return text;
  };
}

/// The tables of the shared fixture, made once.
void fill(const PostgresServer& server) {
  static bool filled = false;
  if (filled)
    return;
  filled = true;
  static_cast<void>(server.psql(
      "CREATE TABLE users AS SELECT i AS id, 'user'||i AS name, 18+i%60 AS age"
      " FROM generate_series(1,500) i;"
      "CREATE TABLE orders AS SELECT i AS id, 1+i%500 AS user_id, (i*37%1000)/10.0 AS amount,"
      " (ARRAY['paid','open','void'])[1+i%3] AS status FROM generate_series(1,5000) i;"
      "CREATE TABLE note(body text); CREATE SEQUENCE s1;"
      "CREATE ROLE quill_eval LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;"
      "GRANT USAGE ON SCHEMA public TO quill_eval;"
      "GRANT SELECT ON users, orders, note TO quill_eval;"));
}

void run_readme_statements(const std::string& user, std::int64_t timeout_ms, bool thorough) {
  if (!hostile_folder())
    return;
  auto* server = PostgresServer::instance();
  if (!server)
    return;
  fill(*server);
  const auto fingerprint = fingerprint_of(*server);
  const auto before = fingerprint();
  Tally tally;
  {
    const auto session = open_postgres(server->connection(user));
    tally = run_shared(*session, "postgresql",
                       {.rows = 1000, .timeout_ms = timeout_ms, .memory_mb = 256}, thorough);
  }
  CHECK(tally.statements > 30);
  CHECK(fingerprint() == before);
  tally.print("postgresql as " + user);
  if (!kSanitized && thorough)
    CHECK(tally.over_deadline_ms <= 150);
  if (!kSanitized)
    CHECK(largest_child_mb() <= 256 + 350);
}

void run_generated_statements(int count) {
  auto* server = PostgresServer::instance();
  if (!server)
    return;
  fill(*server);
  const auto session = open_postgres(server->connection());
  run_generated(*session, kAtoms, count, fingerprint_of(*server)).print("postgresql, generated");
}

} // namespace

TEST_CASE("hostile statements on PostgreSQL end as fair verdicts and change nothing", "[engine]") {
  run_readme_statements("quill_eval", 250, false);
}

TEST_CASE("hostile statements are as harmless when the role was a superuser", "[engine]") {
  run_readme_statements("postgres", 250, false);
}

TEST_CASE("hostile statements on PostgreSQL, with the limits of their README", "[engine][slow]") {
  run_readme_statements("quill_eval", 1500, true);
}

TEST_CASE("100 generated statements leave PostgreSQL as it was", "[engine]") {
  run_generated_statements(100);
}

TEST_CASE("20,000 generated statements leave PostgreSQL as it was", "[engine][slow]") {
  run_generated_statements(20'000);
}
