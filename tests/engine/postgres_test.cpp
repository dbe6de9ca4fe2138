// PostgreSQL behind the door of sessions, on a server of the tests' own.
#include <csignal>
#include <fstream>

#include "engine/fixtures.hpp"
#include "engine/postgres/text_caps.hpp"
#include "engine/postgres_server.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

namespace {

constexpr const char* kTables =
    "CREATE TABLE users(id int PRIMARY KEY, name text NOT NULL, age int, city text);"
    "CREATE TABLE orders(id int PRIMARY KEY, user_id int NOT NULL REFERENCES users(id),"
    " amount numeric NOT NULL, status text NOT NULL);"
    "INSERT INTO users SELECT i, 'user'||i, 18+i%60, CASE i%4 WHEN 0 THEN NULL ELSE 'c'||(i%7) END"
    " FROM generate_series(1, 500) i;"
    "INSERT INTO orders SELECT i, 1+i%500, (i*37%1000)/10.0,"
    " (ARRAY['paid','open','void'])[1+i%3] FROM generate_series(1, 5000) i;"
    "CREATE INDEX by_user ON orders(user_id); ANALYZE users; ANALYZE orders;"
    "CREATE VIEW totals AS SELECT user_id, sum(amount) AS total FROM orders GROUP BY user_id;";

/// A session on tables that nobody else sees; null when there is no server.
std::unique_ptr<Session> shop() {
  auto* server = PostgresServer::instance();
  return server ? open_postgres_script(server->connection(), kTables) : nullptr;
}

} // namespace

TEST_CASE("PostgreSQL: a SELECT gives its rows, columns and tables", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  CHECK(session->engine() == Engine::postgres);
  CHECK(session->version().rfind("postgres 1", 0) == 0);
  const auto execution = session->run("WITH o AS (SELECT * FROM orders) SELECT u.id, u.city FROM "
                                      "users u JOIN o ON o.user_id = u.id WHERE o.id IN (3, 4) "
                                      "ORDER BY o.id",
                                      {});
  CHECK(execution.message.empty());
  CHECK(verdict(execution) == "ok");
  CHECK(execution.columns == Texts{"id", "city"});
  REQUIRE(execution.rows.size() == 2);
  CHECK(execution.rows[0] == Row{integer(4), std::monostate{}}); // 4 % 4 == 0: no city
  CHECK(execution.rows[1] == Row{integer(5), std::string("c5")});
  CHECK(execution.tables_read == Texts{"orders", "users"});
}

TEST_CASE("PostgreSQL: each kind of cell arrives as number, text or blob", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  const auto text = [](const char* words) { return std::string(words); };
  const auto rows =
      session
          ->run("SELECT NULL, true, 7::smallint, 9223372036854775807, 1.50, 12.00, 0.1::float8, "
                "'nan'::float8, 1e30::numeric, '\\x00ff'::bytea, 'é', DATE '2024-02-29', "
                "ARRAY[1,2]",
                {})
          .rows;
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == Row{std::monostate{}, integer(1), integer(7), integer(9223372036854775807), 1.5,
                       integer(12), 0.1, text("NaN"), text("1000000000000000000000000000000"),
                       Blob{std::string("\0\xff", 2)}, text("é"), text("2024-02-29"),
                       text("{1,2}")});
}

TEST_CASE("PostgreSQL: what may not run is blocked, with its cause", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  const auto of = [&](const std::string& sql) { return verdict(session->run(sql, {})); };
  CHECK(of("SELEC 1") == "blocked/syntax");
  CHECK(of("") == "blocked/syntax");
  CHECK(of("-- nothing") == "blocked/syntax");
  CHECK(of("SELECT $1") == "blocked/syntax");
  CHECK(of("SELECT E'\\000'") == "blocked/syntax");
  CHECK(of("SELECT " + std::string(5000, '(') + "1" + std::string(5000, ')')) == "blocked/syntax");
  CHECK(of("SELECT * FROM nowhere") == "blocked/unknown_name");
  CHECK(of("SELECT absent FROM users") == "blocked/unknown_name");
  CHECK(of("SELECT 1; SELECT 2") == "blocked/multiple");
  CHECK(of("ROLLBACK; DELETE FROM users") == "blocked/multiple");
  for (const char* sql : {"DELETE FROM users",
                          "WITH d AS (DELETE FROM users RETURNING *) SELECT * FROM d",
                          "SELECT * INTO quill_pwn FROM users",
                          "SELECT * FROM users FOR UPDATE",
                          "SELECT * FROM (SELECT * FROM users FOR SHARE) u",
                          "COPY users TO STDOUT",
                          "EXPLAIN SELECT 1",
                          "SHOW data_directory",
                          "SET ROLE postgres",
                          "SELECT pg_sleep(1)",
                          "SELECT pg_catalog.pg_sleep(1)",
                          "SELECT \"pg_sleep\"(1)",
                          "SELECT U&\"pg_sl\\0065ep\"(1)",
                          "SELECT random()",
                          "SELECT nextval('s')",
                          "SELECT current_setting('port')",
                          "SELECT set_config('role', 'postgres', false)",
                          "SELECT * FROM pg_class",
                          "SELECT * FROM pg_catalog.pg_authid",
                          "SELECT * FROM information_schema.tables",
                          "SELECT * FROM users TABLESAMPLE SYSTEM (10)",
                          "SELECT lo_import('/etc/passwd')",
                          "SELECT query_to_xml('SELECT 1', true, true, '')",
                          "SELECT public.anything()",
                          "SELECT count(*) FROM users WHERE pg_advisory_lock(1) IS NULL"}) {
    INFO(sql);
    CHECK(of(sql) == "blocked/forbidden");
  }
}

TEST_CASE("PostgreSQL: what is honest runs", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  for (const char* sql :
       {"SELECT 1;", "SELECT 1 -- end", "TABLE users", "VALUES (1)",
        "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n < 5) SELECT * FROM "
        "t",
        "SELECT row_number() OVER (ORDER BY id), sum(age) OVER () FROM users",
        "SELECT EXTRACT(year FROM DATE '2024-03-05'), date_trunc('month', now())",
        "SELECT substring('abc' FROM 2 FOR 1), trim(' a '), 'a' LIKE 'b' ESCAPE '!'",
        "SELECT to_char(now(), 'YYYY'), coalesce(NULL, 1), greatest(1, 2)",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY age) FROM users",
        "SELECT json_agg(name), string_agg(name, ',') FROM users",
        "SELECT * FROM generate_series(1, 3) g, unnest(ARRAY[1, 2]) u",
        "SELECT age, grouping(age) FROM users GROUP BY ROLLUP (age)",
        "SELECT 'it''s $$ ( (' || $q$ ((( $q$, E'\\'('",
        "SELECT current_date - DATE '2024-01-01'"}) {
    const auto execution = session->run(sql, {});
    INFO(sql << ": " << execution.message);
    CHECK(verdict(execution) == "ok");
  }
}

TEST_CASE("PostgreSQL: limits on rows, time and memory end a statement with their status",
          "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  const auto rows = session->run("SELECT * FROM orders", {.rows = 10});
  CHECK(verdict(rows) == "row-limit");
  CHECK(rows.message == "more than 10 rows");
  CHECK(rows.rows.size() == 10);
  CHECK(session->run("SELECT * FROM orders", {.rows = 0}).row_count == 5000);
  CHECK(session->run("SELECT * FROM orders", {.rows = 5000}).row_count == 5000);
  const auto late =
      session->run("SELECT count(*) FROM users a, users b, users c, users d", {.timeout_ms = 100});
  CHECK(verdict(late) == "timeout");
  CHECK(late.message.rfind("not done after 100 ms", 0) == 0); // "…, killed" on a busy machine
  CHECK(verdict(session->run("SELECT repeat('x', 2000000000)", {})) == "memory-limit");
  CHECK(verdict(session->run("SELECT 1/0", {})) == "error");
  int seen = 0;
  const auto stopped = session->run("SELECT a.id FROM users a, users b, users c", {.rows = 0},
                                    Side::base, [&](Row&&) { return ++seen < 3000; });
  CHECK(verdict(stopped) == "row-limit");
  CHECK(verdict(session->run("SELECT 1", {})) == "ok");
}

TEST_CASE("PostgreSQL: a statement that outlives its worker is cancelled", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  ::kill(session->worker_pid(), SIGKILL);
  CHECK(session->run("SELECT count(*) FROM users", {}).row_count <= 1);
  CHECK(verdict(session->run("SELECT count(*) FROM users", {})) == "ok"); // its tables are back
}

TEST_CASE("PostgreSQL: equal rows hash alike, and a sample repeats", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  const auto of = [&](const char* sql) { return session->sample(sql, {}).digest; };
  const auto one = of("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t ORDER BY 1");
  CHECK(one == of("SELECT * FROM (VALUES (2.0, 'b'), (1.0, 'a')) t ORDER BY 1"));
  const auto other = of("SELECT * FROM (VALUES (1, 'a'), (2, 'b')) t ORDER BY 1 DESC");
  CHECK(one.bag[0] == other.bag[0]);
  CHECK(one.list[0] != other.list[0]);
  const auto sample = session->sample("SELECT count(*) FROM orders", {}, Side::base, 5);
  CHECK(sample.status == Status::ok);
  CHECK(sample.total_ms >= 5);
  CHECK(sample.row_count == 1);
}

TEST_CASE("PostgreSQL: plans come as lines and as JSON, analysed ones with times", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  const auto plan = session->plan("SELECT * FROM orders WHERE user_id = 7");
  CHECK(plan.ok);
  CHECK(plan.indexes_used == Texts{"by_user"});
  REQUIRE_FALSE(plan.lines.empty());
  CHECK(plan.lines[0].find("on orders") != std::string::npos);
  const auto analysed = session->analyze("SELECT count(*) FROM orders", {});
  CHECK(analysed.json.find("Actual Total Time") != std::string::npos);
  CHECK_FALSE(session->analyze("DELETE FROM orders", {}).ok);
  CHECK(session->run("SELECT count(*) FROM orders", {}).rows[0] == Row{integer(5000)});
}

TEST_CASE("PostgreSQL: the schema has keys, foreign keys, indexes and rows", "[engine]") {
  const auto session = shop();
  if (!session)
    return;
  const auto* orders = session->schema().table("orders");
  REQUIRE(orders);
  CHECK(orders->rows == 5000);
  CHECK(orders->primary_key == Texts{"id"});
  REQUIRE(orders->foreign_keys.size() == 1);
  CHECK(orders->foreign_keys[0].columns == Texts{"user_id"});
  CHECK(orders->foreign_keys[0].table == "users");
  CHECK(orders->foreign_keys[0].target_columns == Texts{"id"});
  REQUIRE(orders->indexes.size() == 2); // the primary key's, and
  CHECK(orders->indexes[1].name == "by_user");
  CHECK(orders->indexes[1].columns == Texts{"user_id"});
  REQUIRE(orders->columns.size() == 4);
  CHECK(orders->columns[2].type == "numeric");
  CHECK(orders->columns[2].not_null);
  CHECK(orders->sql.find("REFERENCES") != std::string::npos);
  REQUIRE(session->schema().views.size() == 1);
  CHECK(session->schema().views[0].sql.rfind("CREATE VIEW totals AS  SELECT", 0) == 0);
}

TEST_CASE("PostgreSQL: a server that is not there refuses, with exit code 3", "[engine]") {
  const auto error = error_of([] { (void)open_postgres("host=/nonexistent dbname=x"); });
  CHECK(error.exit() == Exit::outside);
  CHECK(error.text().what.find("the PostgreSQL server cannot be reached: ") == 0);
}

TEST_CASE("PostgreSQL: texts too deep for a parser are found before it", "[engine]") {
  const auto excess = [](const std::string& sql) { return postgres::excess_of(sql); };
  const auto repeated = [](const std::string& text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
      all += text;
    return all;
  };
  CHECK(excess("SELECT " + repeated("(", 299) + "1").empty());
  CHECK(excess("SELECT " + repeated("(", 300) + "1") == "nested deeper than 300 levels");
  CHECK(excess("SELECT 1" + repeated("+1", 1000)).empty());
  CHECK(excess("SELECT 1" + repeated("+1", 1001)) == "more than 1000 operators in one chain");
  CHECK(excess("SELECT " + repeated("NOT ", 1001)) == "more than 1000 operators in one chain");
  CHECK(excess("SELECT 1" + repeated(" AND a = 1", 5000)).empty()); // kept flat by the parser
  CHECK(excess("SELECT '" + repeated("(", 5000) + "'").empty());
  CHECK(
      excess("SELECT $x$" + repeated("(", 5000) + "$x$, \"" + repeated("(", 5000) + "\"").empty());
  CHECK(excess("SELECT E'\\'" + repeated("(", 5000) + "'").empty());
  CHECK(
      excess("/* /* */ " + repeated("(", 5000) + " */ SELECT 1 -- " + repeated("(", 5000)).empty());
}
