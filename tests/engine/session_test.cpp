#include "catch.hpp"

#include <limits>
#include <set>

#include "engine/fixtures.hpp"
#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::engine;
using namespace quill::engine::test;

TEST_CASE("a SELECT gives its rows, columns and tables", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto execution = session->run("SELECT u.id, u.city FROM users u JOIN orders o "
                                      "ON o.user_id = u.id WHERE o.id IN (3, 4) ORDER BY o.id",
                                      {});
  CHECK(execution.message.empty());
  CHECK(verdict(execution) == "ok");
  CHECK(execution.columns == std::vector<std::string>{"id", "city"});
  REQUIRE(execution.rows.size() == 2);
  CHECK(execution.rows[0] == Row{integer(4), std::monostate{}}); // 4 % 4 == 0: no city
  CHECK(execution.rows[1] == Row{integer(5), std::string("c5")});
  CHECK(execution.row_count == 2);
  CHECK(execution.steps > 0);
  CHECK(execution.elapsed_ms > 0);
  CHECK(execution.tables_read == std::vector<std::string>{"orders", "users"});
  CHECK(session->version() == std::string("sqlite ") + ::sqlite3_libversion());
}

TEST_CASE("each kind of cell arrives as it is stored", "[engine]") {
  const auto session = open_sqlite_script("");
  const auto rows =
      session
          ->run("SELECT NULL, -9223372036854775807 - 1, 0.1, 9e999, -9e999, 'é', x'00ff', "
                "CAST(x'61620063' AS TEXT), '', x'', CAST(x'ff80fe' AS TEXT)",
                {})
          .rows;
  REQUIRE(rows.size() == 1);
  const auto infinity = std::numeric_limits<double>::infinity();
  CHECK(rows[0] == Row{std::monostate{}, std::numeric_limits<std::int64_t>::min(), 0.1, infinity,
                       -infinity, std::string("é"), Blob{std::string("\0\xff", 2)},
                       std::string("ab\0c", 4), std::string(), Blob{},
                       std::string("\xff\x80\xfe")});
}

TEST_CASE("cells become JSON: blobs as hex, infinities as words", "[engine]") {
  CHECK(to_json({}).is_null());
  CHECK(dump_json(to_json(integer(7))) == "7");
  CHECK(dump_json(to_json(2.5)) == "2.5");
  CHECK(dump_json(to_json(std::string("a"))) == "\"a\"");
  CHECK(dump_json(to_json(Blob{std::string("\x00\xa1", 2)})) == "{\"blob\":\"00a1\"}");
  CHECK(dump_json(to_json(std::numeric_limits<double>::infinity())) == "\"Infinity\"");
  CHECK(dump_json(to_json(-std::numeric_limits<double>::infinity())) == "\"-Infinity\"");
}

TEST_CASE("what may not run or does not parse is blocked, with its cause", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto cause_of = [&](std::string_view sql) { return verdict(session->run(sql, {})); };

  CHECK(cause_of("SELEKT 1") == "blocked/syntax");
  CHECK(cause_of("SELECT (1") == "blocked/syntax");
  CHECK(cause_of("") == "blocked/syntax");
  CHECK(cause_of(" ;; -- nothing\n/* at all") == "blocked/syntax");
  CHECK(session->run("-- nothing", {}).message == "empty statement");
  CHECK(cause_of(std::string_view("SELECT 'a\0b'", 12)) == "blocked/syntax");

  CHECK(cause_of("SELECT * FROM nowhere") == "blocked/unknown_name");
  CHECK(cause_of("SELECT revenu FROM orders") == "blocked/unknown_name");
  CHECK(cause_of("SELECT nofunction(1)") == "blocked/unknown_name");
  CHECK(session->run("SELECT * FROM nowhere", {}).message == "no such table: nowhere");

  CHECK(cause_of("SELECT 1; SELECT 2") == "blocked/multiple");
  CHECK(cause_of("SELECT 1; garbage(") == "blocked/multiple");
  CHECK(cause_of("SELECT 1; DELETE FROM users") == "blocked/multiple");
  CHECK(cause_of("; SELECT 1 ; -- done") == "ok");
  CHECK(cause_of("VALUES (1), (2)") == "ok");

  for (const char* sql : {"DELETE FROM users",
                          "INSERT INTO users(name) VALUES('a') RETURNING *",
                          "UPDATE users SET name = 'a'",
                          "CREATE TABLE x(a)",
                          "CREATE TEMP TABLE x AS SELECT 1",
                          "CREATE INDEX x ON users(age)",
                          "DROP TABLE users",
                          "PRAGMA user_version",
                          "PRAGMA writable_schema = 1",
                          "ATTACH '/tmp/x.db' AS x",
                          "DETACH main",
                          "VACUUM",
                          "BEGIN",
                          "SAVEPOINT s",
                          "ANALYZE",
                          "REINDEX",
                          "EXPLAIN SELECT 1",
                          "EXPLAIN QUERY PLAN SELECT 1",
                          "ALTER TABLE users ADD COLUMN z",
                          "SELECT random()",
                          "SELECT hex(randomblob(4))",
                          "SELECT load_extension('x')",
                          "SELECT zeroblob(1000000000)",
                          "SELECT changes()",
                          "SELECT sqlite_compileoption_get(0)",
                          "SELECT sql FROM sqlite_schema",
                          "SELECT count(*) FROM sqlite_master",
                          "SELECT * FROM pragma_database_list",
                          "SELECT * FROM json_each('[1]')",
                          "SELECT count(*) FROM json_tree('[1]')",
                          "SELECT * FROM sqlite_stmt",
                          "CREATE VIRTUAL TABLE z USING fts5(a)"}) {
    INFO(sql);
    CHECK(cause_of(sql) == "blocked/forbidden");
  }
  CHECK(session->run("SELECT random()", {}).message == "the function random() is not allowed");
  CHECK(session->run("DELETE FROM users", {}).message ==
        "DELETE is not allowed: only a SELECT may run");
  CHECK(verdict(session->run("SELECT count(*) FROM users", {})) == "ok");
}

TEST_CASE("everyday functions are allowed", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  for (const char* sql :
       {"SELECT date('now', '-30 days'), strftime('%Y', 'now'), CURRENT_TIMESTAMP",
        "SELECT lower(name) || upper(name), substr(name, 1, 2), replace(name, 'u', 'v') FROM users",
        "SELECT sum(amount), total(amount), avg(amount), group_concat(status) FROM orders",
        "SELECT rank() OVER (ORDER BY amount), lag(id) OVER (ORDER BY id) FROM orders LIMIT 3",
        "SELECT json_extract('{\"a\":1}', '$.a'), '{\"a\":1}' ->> 'a', iif(1, 2, 3)",
        "SELECT name FROM users WHERE name LIKE 'user1%' AND name GLOB 'u*'",
        "SELECT round(sqrt(2), 3), abs(-1), coalesce(NULL, 1), typeof(1), unlikely(1)"}) {
    INFO(sql);
    CHECK(session->run(sql, {}).message.empty());
  }
}

TEST_CASE("a clean error while running is an error, and what is too big a memory limit",
          "[engine]") {
  const auto session = open_sqlite_script("");
  const auto overflow = session->run("SELECT abs(-9223372036854775807 - 1)", {});
  CHECK(verdict(overflow) == "error");
  CHECK(overflow.message == "integer overflow");
  CHECK(verdict(session->run("WITH RECURSIVE c(s) AS (VALUES('x') UNION ALL SELECT s||s FROM c) "
                             "SELECT length(s) FROM c",
                             {})) == "memory-limit");
  Limits small;
  small.memory_mb = 8;
  const auto sorted =
      session->run("WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<200000) "
                   "SELECT printf('%200d', x) s FROM c ORDER BY s DESC LIMIT 1",
                   small); // 200,000 rows of 200 bytes are 40 MB to sort... with a LIMIT of one row
  CHECK(verdict(sorted) == "ok"); // …SQLite keeps only that row
  CHECK(verdict(session->run(
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<200000) "
            "SELECT DISTINCT printf('%200d', x) FROM c",
            small)) != "ok");
  small.rows = 0;
  CHECK(verdict(session->run(
            "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<200000) "
            "SELECT count(DISTINCT printf('%200d', x)) FROM c",
            small)) == "memory-limit");
  CHECK(verdict(session->run("SELECT 1", {})) == "ok");
}

TEST_CASE("more rows than asked for are a row limit that keeps the first ones", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.rows = 3;
  const auto execution = session->run("SELECT id FROM users ORDER BY id", limits);
  CHECK(verdict(execution) == "row-limit");
  CHECK(execution.message == "more than 3 rows");
  CHECK(execution.row_count == 3);
  CHECK(execution.rows == std::vector<Row>{{integer(1)}, {integer(2)}, {integer(3)}});
  limits.rows = 500;
  CHECK(verdict(session->run("SELECT id FROM users", limits)) == "ok"); // exactly as many
  limits.rows = 0;
  CHECK(session->run("SELECT id FROM orders", limits).row_count == 5000);
}

TEST_CASE("rows of more bytes than asked for are a row limit", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.rows = 0;
  limits.result_mb = 1;
  const auto execution = session->run("SELECT printf('%10000d', id) FROM orders", limits);
  CHECK(verdict(execution) == "row-limit");
  CHECK(execution.message == "more than 1 MB of rows");
  CHECK(execution.row_count == 104); // 104 rows of 10,013 bytes are below 1,048,576, 105 above
}

TEST_CASE("a sink takes rows as they come and may stop the run", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  Limits limits;
  limits.rows = 0;
  std::int64_t sum = 0;
  const auto all = session->run("SELECT id FROM orders", limits, Side::base, [&](Row&& row) {
    sum += std::get<std::int64_t>(row[0]);
    return true;
  });
  CHECK(verdict(all) == "ok");
  CHECK(all.rows.empty());
  CHECK(all.row_count == 5000);
  CHECK(sum == 5000 * 5001 / 2);

  const auto pid = session->worker_pid();
  int seen = 0;
  const auto endless = "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c) "
                       "SELECT x FROM c";
  limits.result_mb = 0;
  const auto stopped =
      session->run(endless, limits, Side::base, [&](Row&&) { return ++seen < 10; });
  CHECK(verdict(stopped) == "row-limit");
  CHECK(stopped.row_count == 10);
  CHECK(verdict(session->run("SELECT 1", {})) == "ok");
  CHECK(session->worker_pid() == pid); // asked to stop, not killed
}

TEST_CASE("a step limit cuts at the same place every time", "[engine]") {
  Limits limits;
  limits.rows = 0;
  limits.steps = 5000;
  const auto sql = "SELECT id FROM orders";
  const auto first = open_sqlite_script(kShop)->run(sql, limits);
  const auto second = open_sqlite_script(kShop)->run(sql, limits);
  CHECK(verdict(first) == "timeout");
  CHECK(first.message == "more than 5000 steps");
  CHECK(first.steps == 5000);
  CHECK(first.rows == second.rows);
  CHECK(first.row_count > 1000); // 4 to 5 steps a row
  CHECK(first.row_count < 2500);
  const auto needed = open_sqlite_script(kShop)->sample(sql, {}).steps;
  limits.steps = needed - 1;
  CHECK(verdict(open_sqlite_script(kShop)->run(sql, limits)) == "timeout");
  limits.steps = needed;
  CHECK(verdict(open_sqlite_script(kShop)->run(sql, limits)) == "ok");
}

TEST_CASE("steps of a statement are the same in two sessions", "[engine]") {
  const auto sql = "SELECT city, count(*) FROM users JOIN orders ON user_id = users.id "
                   "GROUP BY city ORDER BY 2 DESC";
  const auto one = open_sqlite_script(kShop)->sample(sql, {});
  const auto two = open_sqlite_script(kShop)->sample(sql, {}, Side::base, 5);
  CHECK(one.status == Status::ok);
  CHECK(one.steps > 10'000);
  CHECK(one.steps == two.steps);
  CHECK(two.repeats >= 1);
  CHECK(two.total_ms >= 5);
}

TEST_CASE("a sample drains and hashes the rows, and repeats without changing its answer",
          "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto once = session->sample("SELECT id, name FROM users ORDER BY id", {});
  const auto often = session->sample("SELECT id, name FROM users ORDER BY id", {}, Side::base, 20);
  CHECK(once.status == Status::ok);
  CHECK(once.row_count == 500);
  CHECK(once.columns == std::vector<std::string>{"id", "name"});
  CHECK(once.tables_read == std::vector<std::string>{"users"});
  CHECK(once.repeats == 1);
  CHECK(often.repeats > 1);
  CHECK(often.digest == once.digest);
  CHECK(often.row_count == 500);
  CHECK(often.elapsed_ms == Approx(often.total_ms / often.repeats));
  CHECK(session->sample("SELECT missing", {}).cause == Cause::unknown_name);
}

TEST_CASE("digests: a list keeps order, a bag does not, equal values hash alike", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto digest = [&](const std::string& sql) {
    const auto sample = session->sample(sql, {});
    CHECK(sample.status == Status::ok);
    return sample.digest;
  };
  const auto up = digest("SELECT id FROM users ORDER BY id");
  const auto down = digest("SELECT id FROM users ORDER BY id DESC");
  CHECK(up != down);
  CHECK(up.bag[0] == down.bag[0]);
  CHECK(up.bag[1] == down.bag[1]);
  CHECK(up.list[0] != down.list[0]);

  CHECK(digest("SELECT 1") == digest("SELECT 1.0"));
  CHECK(digest("SELECT 0.0") == digest("SELECT -0.0"));
  CHECK(digest("SELECT -9223372036854775808") == digest("SELECT -9223372036854775808.0"));
  CHECK(digest("SELECT 9007199254740993") != digest("SELECT 9007199254740992.0"));
  CHECK(digest("SELECT 'a'") != digest("SELECT x'61'"));
  CHECK(digest("SELECT '1'") != digest("SELECT 1"));
  CHECK(digest("SELECT NULL") != digest("SELECT ''"));
  CHECK(digest("SELECT 'ab', 'c'") != digest("SELECT 'a', 'bc'"));
  CHECK(digest("SELECT 1 UNION ALL SELECT 1") != digest("SELECT 1"));
  CHECK(digest("SELECT 1 WHERE 0") != digest("SELECT NULL"));
  CHECK(digest("SELECT 1 AS a") == digest("SELECT 1 AS b")); // names do not count

  // Another session has another secret, so nobody can look for collisions beforehand.
  const auto other = open_sqlite_script(kShop)->sample("SELECT 1", {}).digest;
  CHECK(other != digest("SELECT 1"));
}

TEST_CASE("indexes serve their own side and no other", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto sql = "SELECT id FROM orders WHERE user_id = 7";
  const auto plain = session->plan(sql);
  CHECK(plain.ok);
  CHECK(plain.lines == std::vector<std::string>{"SCAN orders"});
  CHECK(plain.indexes_used.empty());
  CHECK(session->plan(sql, Side::indexed).lines == plain.lines);

  const auto build = session->build_indexes({"CREATE INDEX by_user ON orders(user_id)"}, {});
  CHECK(build.message.empty());
  CHECK(build.ok);
  CHECK(build.bytes >= 5000 * 4); // an entry holds at least 4 bytes
  CHECK(build.elapsed_ms > 0);
  const auto indexed = session->plan(sql, Side::indexed);
  CHECK(indexed.lines ==
        std::vector<std::string>{"SEARCH orders USING COVERING INDEX by_user (user_id=?)"});
  CHECK(indexed.indexes_used == std::vector<std::string>{"by_user"});
  CHECK(session->plan(sql, Side::base).lines == plain.lines);
  const auto before = session->sample(sql, {}, Side::base);
  const auto after = session->sample(sql, {}, Side::indexed);
  CHECK(before.digest == after.digest);
  CHECK(after.steps * 20 < before.steps); // 10 rows of 5,000

  REQUIRE(session->build_indexes({"CREATE INDEX by_status ON orders(status)"}, {}).ok);
  CHECK(session->plan(sql, Side::indexed).lines == plain.lines); // by_user is gone
  REQUIRE(session->build_indexes({}, {}).ok);
  CHECK(session->plan("SELECT id FROM orders WHERE status = 'x'", Side::indexed).lines ==
        plain.lines);
}

TEST_CASE("only CREATE INDEX may build, and a failed build leaves the base", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto message = [&](const std::string& sql) {
    const auto build = session->build_indexes({sql}, {});
    CHECK_FALSE(build.ok);
    return build.message;
  };
  CHECK(message("DROP TABLE users") == "only CREATE INDEX is allowed");
  CHECK(message("CREATE TABLE x(a)") == "only CREATE INDEX is allowed");
  CHECK(message("CREATE INDEX a ON users(age); DROP TABLE users") == "more than one statement");
  CHECK(message("CREATE INDEX a ON nowhere(x)") == "no such table: main.nowhere");
  CHECK(message("CREATE INDEX a ON users(missing)") == "no such column: missing");
  CHECK(message("CREATE INDEX a ON users(random())") != "");
  CHECK(message("CREATE UNIQUE INDEX a ON users(city)") == "UNIQUE constraint failed: users.city");
  CHECK(message("CREATE INDEX a ON sqlite_master(name)") != "");
  CHECK(session->sample("SELECT count(*) FROM users", {}, Side::indexed).status == Status::ok);

  const auto fine = session->build_indexes(
      {"CREATE INDEX a ON users(age, city)", "CREATE UNIQUE INDEX IF NOT EXISTS b ON users(name)",
       "CREATE INDEX c ON orders(amount) WHERE status = 'paid'",
       "CREATE INDEX d ON users(lower(name))"},
      {});
  CHECK(fine.message.empty());
  CHECK(session->plan("SELECT id FROM users WHERE lower(name) = 'user7'", Side::indexed)
            .indexes_used == std::vector<std::string>{"d"});
  CHECK(session
            ->plan("SELECT sum(amount) FROM orders WHERE status = 'paid' AND amount > 99",
                   Side::indexed)
            .indexes_used == std::vector<std::string>{"c"});
}

TEST_CASE("a plan is indented as a tree and names automatic indexes", "[engine]") {
  const auto session = open_sqlite_script("CREATE TABLE a(x, y); CREATE TABLE b(x, y);");
  const auto plan =
      session->plan("SELECT * FROM a JOIN b ON a.x = b.x UNION SELECT * FROM a, b WHERE a.y < 3");
  CHECK(plan.lines ==
        std::vector<std::string>{"COMPOUND QUERY", "  LEFT-MOST SUBQUERY", "    SCAN a",
                                 "    SEARCH b USING AUTOMATIC COVERING INDEX (x=?)",
                                 "  UNION USING TEMP B-TREE", "    SCAN a", "    SCAN b"});
  CHECK(plan.indexes_used == std::vector<std::string>{"(automatic)"});
  const auto bad = session->plan("DELETE FROM a");
  CHECK_FALSE(bad.ok);
  CHECK(bad.message == "DELETE is not allowed: only a SELECT may run");
  CHECK_FALSE(session->plan("QUERY PLAN SELECT 1").ok);
}

TEST_CASE("equal programs have equal texts, different ones do not", "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto program = [&](std::string_view sql) { return session->program(sql); };
  const auto text = program("SELECT name FROM users WHERE age > 30");
  CHECK(text.find("Column ") != std::string::npos);
  CHECK(text == program("select  \"name\" from users as u where (u.age>30) -- same"));
  CHECK(text != program("SELECT name FROM users WHERE age >= 30"));
  CHECK(text != program("SELECT name FROM users WHERE age > 31"));
  // In SQLite || binds tighter than *, in PostgreSQL's grammar it does not.
  CHECK(program("SELECT 2||3*id FROM users") == program("SELECT (2||3)*id FROM users"));
  CHECK(program("SELECT 2||3*id FROM users") != program("SELECT 2||(3*id) FROM users"));
  // Blobs and reals are printed inexactly by EXPLAIN.
  CHECK(program("SELECT x'0001'") != program("SELECT x'0002'"));
  CHECK(program("SELECT X'00AB'") == program("SELECT x'00ab'"));
  CHECK(program("SELECT 0.1") != program("SELECT 0.10000000000000002"));
  CHECK(program("SELECT 1e2") == program("SELECT 100.0"));
  CHECK(program("SELECT 'a'") != program("SELECT 'b'"));
  CHECK(program("no sql").empty());
  CHECK(program("DELETE FROM users").empty());
}

TEST_CASE("the schema tells tables, keys, indexes and row counts", "[engine]") {
  const auto session = open_sqlite_script(
      "CREATE TABLE users(id INTEGER PRIMARY KEY, email text NOT NULL UNIQUE COLLATE NOCASE, a, "
      "g AS (a + 1));"
      "CREATE TABLE k(a INT, b INT, c, PRIMARY KEY(b, a)) WITHOUT ROWID;"
      "CREATE TABLE o(id INT PRIMARY KEY, u REFERENCES users, a, b,"
      " FOREIGN KEY(a, b) REFERENCES k(b, a));"
      "CREATE INDEX o_u ON o(u, lower(b)); CREATE UNIQUE INDEX o_p ON o(a) WHERE b > 1;"
      "CREATE VIEW v AS SELECT 1;"
      "INSERT INTO users(id, email, a) VALUES(1, 'x', 1), (2, 'y', 2);");
  const auto& schema = session->schema();
  REQUIRE(schema.tables.size() == 3);
  const auto& users = schema.tables[0];
  CHECK(users.name == "users");
  REQUIRE(users.columns.size() == 4);
  CHECK(users.columns[0].type == "INTEGER");
  CHECK(users.columns[0].not_null);
  CHECK(users.columns[1].type == "TEXT");
  CHECK(users.columns[1].not_null);
  CHECK(users.columns[1].collation == "NOCASE");
  CHECK_FALSE(users.columns[2].not_null);
  CHECK(users.columns[2].type.empty());
  CHECK(users.primary_key == std::vector<std::string>{"id"});
  CHECK(users.rowid_alias);
  CHECK(users.unique == std::vector<std::vector<std::string>>{{"id"}, {"email"}});
  CHECK(users.rows == 2);
  CHECK(users.sql.rfind("CREATE TABLE users(", 0) == 0);

  const auto& k = schema.tables[1];
  CHECK(k.without_rowid);
  CHECK_FALSE(k.rowid_alias);
  CHECK(k.primary_key == std::vector<std::string>{"b", "a"});
  CHECK(k.columns[0].not_null); // part of the key of a WITHOUT ROWID table
  CHECK_FALSE(k.columns[2].not_null);
  CHECK(k.unique == std::vector<std::vector<std::string>>{{"b", "a"}});

  const auto& o = schema.tables[2];
  CHECK_FALSE(o.rowid_alias); // INT is not INTEGER
  CHECK_FALSE(o.columns[0].not_null);
  CHECK(o.unique == std::vector<std::vector<std::string>>{{"id"}});
  REQUIRE(o.foreign_keys.size() == 2);
  CHECK(o.foreign_keys[0].columns == std::vector<std::string>{"u"});
  CHECK(o.foreign_keys[0].table == "users");
  CHECK(o.foreign_keys[0].target_columns == std::vector<std::string>{"id"});
  CHECK(o.foreign_keys[1].columns == std::vector<std::string>{"a", "b"});
  CHECK(o.foreign_keys[1].target_columns == std::vector<std::string>{"b", "a"});
  REQUIRE(o.indexes.size() == 3);
  CHECK(o.indexes[0].sql.empty());
  CHECK(o.indexes[1].name == "o_u");
  CHECK(o.indexes[1].columns == std::vector<std::string>{"u", ""});
  CHECK(o.indexes[1].sql == "CREATE INDEX o_u ON o(u, lower(b))");
  CHECK(o.indexes[2].unique);
  CHECK(o.indexes[2].partial);
  CHECK(o.rows == 0);
}

TEST_CASE("views are read through, and the tables behind them noted", "[engine]") {
  const auto session = open_sqlite_script(
      "CREATE TABLE t(a); CREATE VIEW v AS SELECT a FROM t; INSERT INTO t VALUES(5);");
  const auto execution = session->run("WITH c AS (SELECT a FROM v) SELECT count(*) FROM c", {});
  CHECK(verdict(execution) == "ok");
  CHECK(execution.tables_read == std::vector<std::string>{"t"});
  REQUIRE(session->schema().views.size() == 1);
  CHECK(session->schema().views[0].name == "v");
  CHECK(session->schema().ddl() == "CREATE TABLE t(a);\nCREATE VIEW v AS SELECT a FROM t;\n");
}

TEST_CASE("libpg_query answers from the worker", "[engine]") {
  const auto session = open_sqlite_script("");
  const auto grammar = session->grammar();
  const auto tree = grammar("SELECT 1");
  REQUIRE(tree.ok());
  CHECK(tree.value().find("SelectStmt") != std::string::npos);
  CHECK_FALSE(grammar("SELEKT").ok());
}

TEST_CASE("long statements and long chains of operators are refused or run, never crash",
          "[engine]") {
  const auto session = open_sqlite_script(kShop);
  const auto pid = session->worker_pid();
  const auto megabyte = "SELECT '" + std::string(1U << 20U, 'a') + "'";
  const auto execution = session->run(megabyte, {});
  CHECK(verdict(execution) == "blocked/syntax");
  CHECK(execution.message == "statement too long: 1048585 bytes, at most 100000");
  CHECK(session->sample(megabyte, {}).cause == Cause::syntax);
  CHECK_FALSE(session->plan(megabyte).ok);
  CHECK(session->program(megabyte).empty());
  std::string chain = "SELECT 1";
  for (int i = 0; i < 40'000; ++i)
    chain += "+1";
  CHECK(verdict(session->run(chain, {})) == "blocked/syntax");
  for (int i = 0; i < 60'000; ++i)
    chain += "+1"; // 100,000 terms
  CHECK(verdict(session->run(chain, {})) == "blocked/syntax");
  CHECK_FALSE(session->grammar()("SELECT " + std::string(50'000, '(')).ok());
  CHECK(verdict(session->run("SELECT " + std::string(3000, '(') + "1" + std::string(3000, ')'),
                             {})) == "blocked/syntax");
  CHECK(session->worker_pid() == pid);
}
