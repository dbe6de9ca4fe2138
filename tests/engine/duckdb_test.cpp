// DuckDB behind the door of sessions.
#include <csignal>
#include <fstream>
#include <sys/wait.h>

#include "engine/duckdb_file.hpp"
#include "engine/fixtures.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

TEST_CASE("DuckDB: a SELECT gives its rows, columns and tables", "[engine]") {
  const ScratchFolder folder;
  const auto path = folder.path() / "shop.duckdb";
  write_duckdb(path, kDuckdbShop);
  const auto session = open_duckdb(path);
  CHECK(session->engine() == Engine::duckdb);
  CHECK(session->version().rfind("duckdb 1.", 0) == 0);
  const auto execution = session->run("SELECT u.id, u.city FROM users u JOIN orders o "
                                      "ON o.user_id = u.id WHERE o.id IN (3, 4) ORDER BY o.id",
                                      {});
  CHECK(execution.message.empty());
  CHECK(verdict(execution) == "ok");
  CHECK(execution.columns == Texts{"id", "city"});
  REQUIRE(execution.rows.size() == 2);
  CHECK(execution.rows[0] == Row{integer(4), std::monostate{}}); // 4 % 4 == 0: no city
  CHECK(execution.rows[1] == Row{integer(5), std::string("c5")});
  CHECK(execution.tables_read == Texts{"orders", "users"});
  CHECK(session->run("SELECT max(total) FROM totals", {}).tables_read == Texts{"orders"});
}

TEST_CASE("DuckDB: each kind of cell arrives as number, text or blob", "[engine]") {
  const auto session = open_duckdb_script("");
  const auto row_of = [&](const std::string& list) {
    const auto execution = session->run("SELECT " + list, {});
    INFO(list << ": " << execution.message);
    REQUIRE(execution.rows.size() == 1);
    return execution.rows[0];
  };
  const auto text = [](const char* words) { return std::string(words); };
  CHECK(row_of("NULL, true, 7::TINYINT, -5::HUGEINT, 18446744073709551615::UBIGINT") ==
        Row{std::monostate{}, integer(1), integer(7), integer(-5), text("18446744073709551615")});
  CHECK(row_of("1.50::DECIMAL(9,2), 12.00::DECIMAL(9,2), 0.1::DOUBLE, 'nan'::DOUBLE") ==
        Row{1.5, integer(12), 0.1, text("NaN")});
  CHECK(row_of("1234567890123456789012.5::DECIMAL(38,1)") == Row{1234567890123456789012.5});
  CHECK(row_of("'é', '\\x00\\xFF'::BLOB, 'b'::ENUM('a', 'b'), '0101'::BIT") ==
        Row{text("é"), Blob{std::string("\0\xff", 2)}, text("b"), text("0101")});
  CHECK(row_of("DATE '2024-02-29', TIME '01:02:03.5', TIMESTAMP '1969-12-31 23:59:59.25'") ==
        Row{text("2024-02-29"), text("01:02:03.5"), text("1969-12-31 23:59:59.25")});
  CHECK(row_of("UUID '00112233-4455-6677-8899-aabbccddeeff', INTERVAL '14 months 3 days'") ==
        Row{text("00112233-4455-6677-8899-aabbccddeeff"), text("14 months 3 days 00:00:00")});
  CHECK(row_of("[1, NULL, 2], {'a': 1, 'b': 'it''s'}, MAP {'k': [1.5]}") ==
        Row{text("[1, NULL, 2]"), text("{'a': 1, 'b': 'it''s'}"),
            text("[{'key': 'k', 'value': [1.5]}]")});
}

TEST_CASE("DuckDB: what may not run is blocked, with its cause", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  const auto of = [&](const char* sql) { return verdict(session->run(sql, {})); };
  CHECK(of("SELEC 1") == "blocked/syntax");
  CHECK(of("") == "blocked/syntax");
  CHECK(of("-- nothing") == "blocked/syntax");
  CHECK(of("SELECT $1") == "blocked/syntax");
  CHECK(of("SELECT * FROM nowhere") == "blocked/unknown_name");
  CHECK(of("SELECT absent FROM users") == "blocked/unknown_name");
  CHECK(of("SELECT no_such_function(1)") == "blocked/unknown_name");
  CHECK(of("SELECT 1; SELECT 2") == "blocked/multiple");
  for (const char* sql : {"DELETE FROM users",
                          "PRAGMA show_tables",
                          "SHOW TABLES",
                          "EXPLAIN SELECT 1",
                          "CALL duckdb_settings()",
                          "SET threads=8",
                          "SELECT random()",
                          "SELECT RANDOM()",
                          "SELECT \"random\"()",
                          "SELECT main.random()",
                          "SELECT (SELECT max(x) FROM (SELECT uuid() x))",
                          "SELECT * FROM read_csv('/etc/passwd')",
                          "FROM duckdb_tables",
                          "FROM duckdb_tables()",
                          "SELECT current_setting('threads')",
                          "SELECT * FROM users TABLESAMPLE 10%",
                          "FROM query('SELECT random()')",
                          "FROM query('S' || 'ELECT 1')",
                          "FROM query_table('users')",
                          "SELECT * FROM pg_catalog.pg_class",
                          "SELECT nextval('s')",
                          "FROM (DESCRIBE users)"}) {
    INFO(sql);
    CHECK(of(sql) == "blocked/forbidden");
  }
}

TEST_CASE("DuckDB: what is honest runs", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  for (const char* sql :
       {"SELECT 1;", "SELECT 1 -- end", "/* a */ FROM users LIMIT 3", "VALUES (1)",
        "WITH x AS (SELECT * FROM users) SELECT count(*) FROM x, range(3) r",
        "SELECT row_number() OVER (ORDER BY id), sum(age) OVER () FROM users LIMIT 2",
        "SELECT list_transform([1, 2], lambda x: x + 1)", "SELECT now() IS NOT NULL",
        "SELECT unnest([1, 2])", "SELECT * FROM unnest([1, 2])", "FROM query('SELECT 1')",
        "SELECT date_trunc('month', DATE '2024-03-05')",
        "SELECT count(*) FILTER (age > 30) FROM users",
        "SELECT EXTRACT(year FROM DATE '2024-03-05'), 'a' LIKE 'b' ESCAPE '!'",
        "SELECT regexp_replace('abc', 'b', 'x'), 'x' || 1, CAST('1' AS INT)",
        "SELECT * FROM (PIVOT users ON age IN (20, 30) USING count(*)) LIMIT 1",
        "SELECT age, GROUPING(age) FROM users GROUP BY ROLLUP (age) LIMIT 2"}) {
    const auto execution = session->run(sql, {});
    INFO(sql << ": " << execution.message);
    CHECK(verdict(execution) == "ok");
  }
}

TEST_CASE("DuckDB: limits on rows, time and memory end a statement with their status", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  const auto rows = session->run("SELECT * FROM orders", {.rows = 10});
  CHECK(verdict(rows) == "row-limit");
  CHECK(rows.message == "more than 10 rows");
  CHECK(rows.rows.size() == 10);
  const auto late = session->run("SELECT count(*) FROM range(1000000000000) t(i) WHERE i%7=3",
                                 {.timeout_ms = 100});
  CHECK(verdict(late) == "timeout");
  CHECK(late.message.rfind("not done after 100 ms", 0) == 0); // "…, killed" on a busy machine
#ifndef QUILL_SANITIZED
  CHECK(verdict(session->run("SELECT length(repeat('x', 900000000))", {})) == "memory-limit");
#endif
  CHECK(verdict(session->run("SELECT 1/0 IS NULL, 'a'::INTEGER", {})) == "error");
  CHECK(verdict(session->run("SELECT 1", {.memory_mb = 64})) == "ok"); // other limits, other worker
}

TEST_CASE("DuckDB: a sink takes rows until it has enough", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  int seen = 0;
  const auto execution = session->run("SELECT * FROM range(100000000)", {.rows = 0}, Side::base,
                                      [&](Row&&) { return ++seen < 5000; });
  CHECK(verdict(execution) == "row-limit");
  CHECK(seen == 5000);
  CHECK(verdict(session->run("SELECT 1", {})) == "ok");
}

TEST_CASE("DuckDB: equal rows hash alike, whatever their order in a bag", "[engine]") {
  const auto session = open_duckdb_script("");
  const auto of = [&](const char* sql) { return session->sample(sql, {}).digest; };
  const auto one = of("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t ORDER BY 1");
  CHECK(one == of("SELECT * FROM (VALUES (2.0, 'b'), (1.0, 'a')) t ORDER BY 1"));
  const auto other = of("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t ORDER BY 1 DESC");
  CHECK(one.bag[0] == other.bag[0]);
  CHECK(one.list[0] != other.list[0]);
  const auto sample = session->sample("SELECT count(*) FROM range(1000)", {}, Side::base, 5);
  CHECK(sample.status == Status::ok);
  CHECK(sample.total_ms >= 5);
  CHECK(sample.repeats > 1);
  CHECK(sample.row_count == 1);
}

TEST_CASE("DuckDB: plans come as lines and as JSON, analysed ones with times", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  const auto plan = session->plan("SELECT * FROM users WHERE age = 30");
  CHECK(plan.ok);
  std::string lines;
  for (const auto& line : plan.lines)
    lines += line + "\n";
  CHECK(lines.find("SEQ_SCAN") != std::string::npos);
  CHECK(lines.find("users") != std::string::npos);
  const auto analysed = session->analyze("SELECT * FROM users WHERE age = 30", {});
  CHECK(analysed.ok);
  CHECK(analysed.json.find("operator_timing") != std::string::npos);
  CHECK_FALSE(session->plan("DELETE FROM users").ok);
  CHECK_FALSE(session->analyze("DELETE FROM users", {}).ok);
  CHECK(session->run("SELECT count(*) FROM users", {}).rows[0] == Row{integer(500)});
}

TEST_CASE("DuckDB: the schema has keys, foreign keys and counted rows", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  const auto& schema = session->schema();
  REQUIRE(schema.tables.size() == 2); // the view is none
  REQUIRE(schema.views.size() == 1);
  CHECK(schema.views[0].name == "totals");
  CHECK(schema.views[0].sql.rfind("CREATE VIEW totals AS SELECT", 0) == 0);
  const auto* orders = schema.table("orders");
  REQUIRE(orders);
  CHECK(orders->rows == 5000);
  CHECK(orders->primary_key == Texts{"id"});
  REQUIRE(orders->foreign_keys.size() == 1);
  CHECK(orders->foreign_keys[0].columns == Texts{"user_id"});
  CHECK(orders->foreign_keys[0].table == "users");
  CHECK(orders->foreign_keys[0].target_columns == Texts{"id"});
  REQUIRE(orders->columns.size() == 4);
  CHECK(orders->columns[2].type == "DOUBLE");
  CHECK(orders->columns[2].not_null);
  CHECK(orders->sql.rfind("CREATE TABLE orders", 0) == 0);
}

TEST_CASE("DuckDB: files that are none, or in use, are refused in three lines", "[engine]") {
  const ScratchFolder folder;
  const auto text = folder.path() / "text.duckdb";
  std::ofstream(text) << "no database at all, and longer than a header of one would be\n";
  CHECK(error_of([&] { (void)open_duckdb(text); }).exit() == Exit::usage);
  const auto absent = error_of([&] { (void)open_duckdb(folder.path() / "absent.duckdb"); });
  CHECK(absent.text().what.find("there is no file") == 0);
  CHECK(names_in(folder.path()) == Texts{"text.duckdb"}); // it was not made
  CHECK(error_of([&] { (void)open_duckdb(folder.path()); }).exit() == Exit::usage);
  CHECK(error_of([] { (void)open_duckdb_script("CREATE TABLE"); })
            .text()
            .what.find("the script fails") == 0);
}

TEST_CASE("DuckDB: a worker that is killed is replaced", "[engine]") {
  const auto session = open_duckdb_script(kDuckdbShop);
  const auto digest = session->sample("SELECT * FROM users", {}).digest;
  ::kill(session->worker_pid(), SIGKILL);
  siginfo_t died{};
  ::waitid(P_PID, static_cast<id_t>(session->worker_pid()), &died, WEXITED | WNOWAIT);
  CHECK(session->sample("SELECT * FROM users", {}).digest == digest);
  CHECK(session->build_indexes({}, {}).ok);
  CHECK_FALSE(session->build_indexes({"CREATE INDEX i ON users(age)"}, {}).ok);
  CHECK(session->grammar()("SELECT 1").ok());
  CHECK(session->program("SELECT 1").empty());
}

#ifndef QUILL_SANITIZED
TEST_CASE("DuckDB: the worker is locked in", "[engine]") {
  const auto session = open_duckdb_script("");
  std::ifstream status("/proc/" + std::to_string(session->worker_pid()) + "/status");
  const std::string text((std::istreambuf_iterator<char>(status)),
                         std::istreambuf_iterator<char>());
  CHECK(text.find("NoNewPrivs:\t1") != std::string::npos);
  CHECK(text.find("Seccomp:\t2") != std::string::npos);
  CHECK(text.find("Threads:\t1\n") != std::string::npos);
}
#endif
