#include "catch.hpp"

#include "program.hpp"

using quill::Json;
using quill::test::make_shop;
using quill::test::Shell;

namespace {

Json sql(const Shell& shell, const std::string& statement, int exit,
         std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"sql", "--db", "shop.db", "--json", "--sql", statement};
  words.insert(words.end(), more.begin(), more.end());
  const auto outcome = shell.quill(words);
  INFO(statement << "\n" << outcome.err);
  CHECK(outcome.exit == exit);
  return outcome.json();
}

} // namespace

TEST_CASE("sql prints one JSON document with exactly the fields of its contract", "[cli]") {
  const Shell shell;
  make_shop(shell);
  Json answer =
      sql(shell, "SELECT 1 AS one, 2.5, NULL, 'x', x'00ff' UNION ALL SELECT 2,1,1,1,1", 0);
  CHECK(answer.at("elapsed_ms").get<double>() >= 0);
  answer["elapsed_ms"] = 0;
  CHECK(answer.dump() == "{\"format_version\":1,\"status\":\"ok\",\"columns\":[\"one\",\"2.5\","
                         "\"NULL\",\"'x'\",\"x'00ff'\"],\"rows\":[[1,2.5,null,\"x\",{\"blob\":"
                         "\"00ff\"}],[2,1,1,1,1]],\"row_count\":2,\"elapsed_ms\":0,\"cause\":null,"
                         "\"message\":\"\"}");
}

TEST_CASE("sql as a table prints rows, with numbers to the right", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto outcome = shell.quill({"sql", "--db", "shop.db", "--sql",
                                    "SELECT 'a' AS word, 12345 AS n UNION ALL "
                                    "SELECT 'bcd', 7 ORDER BY n DESC"});
  CHECK(outcome.exit == 0);
  CHECK(outcome.err.empty());
  CHECK(outcome.out.starts_with("word      n\na     12345\nbcd       7\n2 rows in "));
}

TEST_CASE("what may not run is blocked, with its cause", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto cause = [&](const std::string& statement) {
    const Json answer = sql(shell, statement, 1);
    CHECK(answer.at("status") == "blocked");
    CHECK(!answer.at("message").get<std::string>().empty());
    return answer.at("cause");
  };
  CHECK(cause("SELEC 1") == "syntax");
  CHECK(cause("SELECT * FROM nowhere") == "unknown_name");
  CHECK(cause("SELECT absent FROM users") == "unknown_name");
  CHECK(cause("DELETE FROM users") == "forbidden");
  CHECK(cause("SELECT 1; SELECT 2") == "multiple");
}

TEST_CASE("an empty query is a verdict", "[cli]") {
  const Shell shell;
  make_shop(shell);
  for (const std::string statement : {"", "   ", ";", "-- only a comment"}) {
    const Json answer = sql(shell, statement, 1);
    INFO(statement);
    CHECK(answer.at("status") == "blocked");
    CHECK(answer.at("cause") == "syntax");
  }
}

TEST_CASE("limits on rows and time end a statement with their status", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const Json rows = sql(shell, "SELECT id FROM orders", 1, {"--rows", "10"});
  CHECK(rows.at("status") == "row-limit");
  CHECK(rows.at("row_count").get<int>() <= 10);
  const Json endless = sql(shell,
                           "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) "
                           "SELECT max(x) FROM c",
                           1, {"--timeout-ms", "300"});
  CHECK(endless.at("status") == "timeout");
}

TEST_CASE("a query of one megabyte and 100,000 chained operators are verdicts", "[cli]") {
  const Shell shell;
  make_shop(shell);
  shell.write("long.sql", "SELECT '" + std::string(1'000'000, 'x') + "'");
  std::string chain = "SELECT 1";
  for (int i = 0; i < 100'000; ++i)
    chain += "+1";
  shell.write("chain.sql", chain);
  for (const std::string file : {"long.sql", "chain.sql"}) {
    const auto outcome = shell.quill({"sql", "--db", "shop.db", "--json", "--file", file});
    INFO(file << outcome.err);
    CHECK((outcome.exit == 0 || outcome.exit == 1));
    const std::string status = outcome.json().at("status");
    CHECK((file == "chain.sql" ? status == "blocked" : status == "ok" || status == "blocked"));
  }
}

TEST_CASE("the database of sql is never written", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const std::string before = quill::test::slurp(shell.path("shop.db"));
  for (const std::string statement :
       {"UPDATE users SET name='x'", "PRAGMA user_version=7", "CREATE TABLE t(a)",
        "ATTACH 'other.db' AS o", "SELECT load_extension('x')"})
    CHECK(sql(shell, statement, 1).at("status") == "blocked");
  CHECK((quill::test::slurp(shell.path("shop.db")) == before));
  CHECK(!std::filesystem::exists(shell.path("other.db")));
}

TEST_CASE("an engine that is not there is an error in three lines, exit code 2", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto unknown = shell.quill({"sql", "--engine", "oracle", "--db", "x", "--sql", "SELECT 1"});
  CHECK(unknown.exit == 2);
  CHECK(unknown.err.find("oracle") != std::string::npos);
  // In a build with DuckDB the file is refused, in one without the engine.
  const auto duckdb = shell.quill({"sql", "--engine", "duckdb", "--db", "x", "--sql", "SELECT 1"});
  CHECK(duckdb.exit == 2);
  CHECK(duckdb.err.find("\n  where: ") != std::string::npos);
  CHECK(duckdb.err.find("\n  fix:   ") != std::string::npos);
}

TEST_CASE("a PostgreSQL server that is not there is exit code 3, or 2 without the engine",
          "[cli]") {
  const Shell shell;
  const auto outcome = shell.quill(
      {"sql", "--engine", "postgres", "--db", "host=/nonexistent dbname=x", "--sql", "SELECT 1"});
  const bool built = outcome.err.find("this build has no PostgreSQL") == std::string::npos;
  CHECK(outcome.exit == (built ? 3 : 2));
  CHECK(outcome.err.find("\n  fix:   ") != std::string::npos);
}

TEST_CASE("doctor names every engine with its state", "[cli]") {
  const Shell shell;
  const Json document = shell.quill({"doctor", "--json"}).json();
  std::map<std::string, std::string> states;
  for (const auto& finding : document.at("findings"))
    states[finding.at("name")] = finding.at("state");
  CHECK(states.at("SQLite") == "works");
  for (const char* engine : {"DuckDB", "PostgreSQL"})
    CHECK((states.at(engine) == "works" || states.at(engine) == "absent"));
}
