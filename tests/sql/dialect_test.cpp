// PostgreSQL's and DuckDB's text: to the tree, back, and between dialects.
#include "catch.hpp"

#include <string>

#include "quill/core/json.hpp"
#include "quill/sql/parse.hpp"
#include "sql/samples.hpp"

using namespace quill::sql;

namespace {

constexpr auto kDialects = {Dialect::sqlite, Dialect::postgres, Dialect::duckdb};

QueryPtr tree(Dialect dialect, std::string_view sql) {
  auto query = parse(dialect, sql, local_grammar());
  if (!query)
    FAIL(sql << ": " << query.failure().what);
  return std::move(query).value();
}

std::string refusal(Dialect dialect, std::string_view sql) {
  const auto query = parse(dialect, sql, local_grammar());
  return query.ok() ? "" : query.failure().what;
}

std::string translated(Dialect from, Dialect to, std::string_view sql) {
  return print(*tree(from, sql), to);
}

std::string again(Dialect dialect, std::string_view sql) {
  return translated(dialect, dialect, sql);
}

/// PostgreSQL's own parse tree without the places of its nodes.
quill::Json parse_tree(const std::string& sql) {
  const auto text = local_grammar()(sql);
  if (!text)
    FAIL(sql << ": " << text.failure().what);
  auto json = quill::parse_json(text.value(), "parse tree", 16'000);
  const auto strip = [](const auto& self, quill::Json& node) -> void {
    if (node.is_object())
      for (const char* place : {"location", "stmt_location", "stmt_len"})
        node.erase(place);
    for (auto& child : node)
      if (child.is_structured())
        self(self, child);
  };
  strip(strip, json);
  return json;
}

bool reads_back(Dialect dialect, const std::string& text, const Query& query) {
  const auto read = parse(dialect, text, local_grammar());
  return read.ok() && equal(*read.value(), query);
}

/// Nothing is lost on the way: to us, over several lines, and to PostgreSQL's grammar.
void check_round_trip(const std::string& sql) {
  INFO(sql);
  const auto query = tree(Dialect::postgres, sql);
  const auto printed = print(*query, Dialect::postgres);
  INFO(printed);
  CHECK(reads_back(Dialect::postgres, printed, *query));
  CHECK(reads_back(Dialect::postgres, print_pretty(*query, Dialect::postgres), *query));
  CHECK(parse_tree(printed) == parse_tree(sql));
  CHECK(equal(*clone(*query), *query));
}

} // namespace

TEST_CASE("what PostgreSQL knows keeps its parse tree through parse and print", "[sql]") {
  const auto queries = test::lines_of("postgres.sql");
  CHECK(queries.size() >= 40);
  for (const auto& sql : queries)
    check_round_trip(sql);
}

TEST_CASE("every DSB query keeps its parse tree through parse and print", "[sql]") {
  const auto folder = test::shared_data() / "dsb/queries";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no " << folder);
    return;
  }
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    ++files;
    const auto statements = split_statements(Dialect::postgres, test::text_of(file.path()));
    REQUIRE(statements.ok());
    for (const auto& sql : statements.value()) {
      check_round_trip(sql);
      // DuckDB reads these as they stand, and we its print.
      const auto query = tree(Dialect::duckdb, sql);
      CHECK(reads_back(Dialect::duckdb, print(*query, Dialect::duckdb), *query));
    }
  }
  CHECK(files == 52);
}

TEST_CASE("SQLite's corpus reads back from PostgreSQL's and DuckDB's print", "[sql]") {
  int read = 0;
  const auto queries = test::lines_of("corpus.sql");
  for (const auto& sql : queries) {
    const auto query = tree(Dialect::sqlite, sql);
    for (const auto dialect : {Dialect::postgres, Dialect::duckdb}) {
      const auto text = print(*query, dialect);
      const auto other = parse(dialect, text, local_grammar());
      if (!other)
        continue; // GLOB, IN (), parameters: no words for it
      INFO(text);
      ++read;
      // TRIM(x), NUMERIC(10, 2): PostgreSQL's own words come back, then nothing changes any more.
      CHECK(reads_back(dialect, print(*other.value(), dialect), *other.value()));
    }
  }
  CHECK(read > 400); // of 2 x 230
}

TEST_CASE("each dialect has its own spelling", "[sql]") {
  const auto from_sqlite = [](Dialect to, std::string_view sql) {
    return translated(Dialect::sqlite, to, sql);
  };
  CHECK(from_sqlite(Dialect::postgres, "SELECT a IS b, x'1F', 0x1F FROM t, u JOIN v LIMIT 5, 10") ==
        "SELECT a IS NOT DISTINCT FROM b, CAST('\\x1F' AS BYTEA), 31 FROM t CROSS JOIN u CROSS "
        "JOIN v LIMIT 10 OFFSET 5");
  CHECK(from_sqlite(Dialect::duckdb, "SELECT x'1F2E' FROM (SELECT 1) LIMIT -1 OFFSET 2") ==
        "SELECT CAST('\\x1F\\x2E' AS BLOB) FROM (SELECT 1) OFFSET 2");
  CHECK(from_sqlite(Dialect::postgres, "SELECT 1 FROM (SELECT 1) LIMIT -1") ==
        "SELECT 1 FROM (SELECT 1) AS unnamed_1");
  CHECK(from_sqlite(Dialect::postgres, "SELECT \"Name\", `user`, value FROM Users") ==
        "SELECT \"Name\", \"user\", value FROM \"Users\"");
  CHECK(from_sqlite(Dialect::duckdb, "SELECT `Name`, pivot FROM Users") ==
        "SELECT Name, \"pivot\" FROM Users");
  CHECK(from_sqlite(Dialect::postgres, "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3") ==
        "(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3");
  CHECK(from_sqlite(Dialect::postgres, "SELECT a GLOB 'x.*[^a-c]?', a NOT GLOB '[', a GLOB b") ==
        "SELECT a ~ '^x\\..*[^a-c].$', a NOT GLOB '[', a GLOB b");
  CHECK(from_sqlite(Dialect::postgres, "SELECT a || b * c, a REGEXP 'x' FROM t LEFT JOIN u") ==
        "SELECT (a || b) * c, a ~ 'x' FROM t LEFT JOIN u ON true");
}

TEST_CASE("PostgreSQL's words print where another dialect has them", "[sql]") {
  const auto to_sqlite = [](std::string_view sql) {
    return translated(Dialect::postgres, Dialect::sqlite, sql);
  };
  CHECK(to_sqlite("SELECT a IS NOT DISTINCT FROM b, a ILIKE 'x', a ~ 'y', current_date") ==
        "SELECT a IS b, a LIKE 'x', a REGEXP 'y', CURRENT_DATE");
  CHECK(to_sqlite("SELECT x::int, trim(both 'a' from b) FROM a CROSS JOIN b OFFSET 3") ==
        "SELECT CAST(x AS INTEGER), trim(b, 'a') FROM a CROSS JOIN b LIMIT -1 OFFSET 3");
  CHECK(translated(Dialect::postgres, Dialect::duckdb, "SELECT a ~ 'y', a !~ 'z'") ==
        "SELECT regexp_matches(a, 'y'), (NOT regexp_matches(a, 'z'))");
}

TEST_CASE("PostgreSQL's spellings print in one way", "[sql]") {
  const auto postgres = [](std::string_view sql) { return again(Dialect::postgres, sql); };
  CHECK(postgres("select Foo::numeric(10,2), '2000-01-01'::date + interval '60 days'") ==
        "SELECT CAST(foo AS NUMERIC(10, 2)), DATE '2000-01-01' + INTERVAL '60 days'");
  CHECK(postgres("select a from t, u where (a,b) in ((1,2)) fetch first row only") ==
        "SELECT a FROM t, u WHERE (a, b) IN ((1, 2)) LIMIT 1");
  CHECK(postgres("SELECT a IS UNKNOWN, sum(x) OVER (ROWS UNBOUNDED PRECEDING)") ==
        "SELECT a IS NULL, sum(x) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)");
  CHECK(postgres("SELECT $2, $1, 'a'\n  'b'") == "SELECT $2, $1, 'ab'");
}

// libpg_query 15 folds the sign into the constant and writes a negative one as 0.
TEST_CASE("negative numbers keep their value", "[sql]") {
  for (const auto dialect : kDialects)
    CHECK(again(dialect, "SELECT -5, - 5.5, 3 - -2, -(7), - -1, a -1, -9223372036854775808") ==
          "SELECT -5, -5.5, 3 - -2, -7, - -1, a - 1, -9223372036854775808");
  CHECK(again(Dialect::postgres, "SELECT a - ANY (ARRAY[1]), a - ALL (SELECT -1)") ==
        "SELECT a - ANY (ARRAY[1]), a - ALL (SELECT -1)");
}

TEST_CASE("DuckDB's spellings that differ by a token are understood", "[sql]") {
  const auto duckdb = [](std::string_view sql) { return again(Dialect::duckdb, sql); };
  CHECK(duckdb("SELECT 7 // 2 * 3, 7 // (2 * 3), 2 ** 3, a == b, a GLOB 'x*' AND b NOT GLOB 'y'") ==
        "SELECT 7 // 2 * 3, 7 // (2 * 3), 2 ** 3, a = b, a GLOB 'x*' AND b NOT GLOB 'y'");
  CHECK(duckdb("SELECT [1, [2]], x[1], d + INTERVAL 5 DAY, ?, $name FROM (SELECT 1)") ==
        "SELECT ARRAY[1, ARRAY[2]], x[1], d + INTERVAL '5 day', ?, $name FROM (SELECT 1)");
  CHECK(duckdb("SELECT a FROM (SELECT 1 AS a) UNION ALL SELECT b FROM (VALUES (1)) v(b)") ==
        "SELECT a FROM (SELECT 1 AS a) UNION ALL SELECT b FROM (VALUES (1)) AS v (b)");
  CHECK(duckdb("SELECT EXTRACT(year FROM (SELECT d FROM t))") ==
        "SELECT EXTRACT(YEAR FROM (SELECT d FROM t))");
}

TEST_CASE("what would be misread in DuckDB is refused", "[sql]") {
  const auto duckdb = [](std::string_view sql) { return refusal(Dialect::duckdb, sql); };
  CHECK(duckdb("SELECT * FROM a ANTI JOIN b USING (x)") == "ANTI is not understood");
  CHECK(duckdb("SELECT a FROM t QUALIFY x = 1") == "QUALIFY is not understood");
  CHECK(duckdb("SELECT TRY_CAST(a AS int)") == "TRY_CAST is not understood");
  CHECK(duckdb("SELECT a -> 'x' = 1") == "-> is not understood: it binds less than in PostgreSQL");
  CHECK(duckdb("SELECT " + std::string(64, 'n')) == "a name of more than 63 bytes");
  CHECK_FALSE(duckdb("SELECT {'a': 1}").empty());
  CHECK_FALSE(duckdb("SELECT * EXCLUDE (a) FROM t").empty());
}

TEST_CASE("what is no query is refused in PostgreSQL's text too", "[sql]") {
  const auto postgres = [](std::string_view sql) { return refusal(Dialect::postgres, sql); };
  CHECK(postgres("") == "no statement");
  CHECK(postgres("DELETE FROM t") == "not a SELECT: it begins with 'DELETE'");
  CHECK(postgres("WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x") ==
        "DeleteStmt is not a SELECT");
  CHECK(postgres("WITH x AS (SELECT 1) DELETE FROM t") == "DeleteStmt is not a SELECT");
  CHECK(postgres("SELECT 1; SELECT 2") == "more than one statement");
  CHECK(postgres("SELECT a INTO b FROM t") == "SelectStmt with intoClause is not understood");
  CHECK(postgres("SELECT a FROM t FOR UPDATE") ==
        "SelectStmt with lockingClause is not understood");
  CHECK(postgres("SELECT a FROM t TABLESAMPLE system (1)") ==
        "RangeTableSample in FROM is not understood");
  CHECK(postgres("SELECT 'a") == "string without its closing quote at byte 7");
  CHECK(postgres("SELECT $a$ x") == "string without its closing dollar tag at byte 7");
  CHECK(postgres("SELECT /* /* */ 1") == "comment without its end at byte 7");
  CHECK(postgres("SELECT a OPERATOR(pg_catalog.+) b") == "OPERATOR(…) is not understood");
  CHECK(postgres("SELECT 1 LIMIT -1") == "a LIMIT with a sign");
  CHECK(postgres("SELECT 'a' 'b'") == "two strings in a row");
}

TEST_CASE("names that are words of a dialect keep their quotes", "[sql]") {
  for (const auto dialect : {Dialect::postgres, Dialect::duckdb})
    for (const char* word : {"select", "user",  "left", "int",  "values",  "over",        "rows",
                             "Mixed",  "a b",   "1x",   "ü",    "qualify", "window",      "name",
                             "date",   "first", "type", "year", "filter",  "current_date"}) {
      const auto quoted = '"' + std::string(word) + '"';
      const auto sql = "SELECT " + quoted + '.' + quoted + " AS " + quoted + " FROM " + quoted +
                       " AS " + quoted + " WINDOW " + quoted + " AS (ORDER BY " + quoted + ')';
      INFO(sql);
      const auto query = tree(dialect, sql);
      const auto printed = print(*query, dialect);
      CHECK(reads_back(dialect, printed, *query));
      if (dialect == Dialect::postgres) // DuckDB's names have no case
        CHECK(parse_tree(printed) == parse_tree(sql));
    }
}

TEST_CASE("scripts split at the semicolons of their dialect", "[sql]") {
  const auto parts = split_statements(Dialect::postgres, "SELECT $$;$$; SELECT E'\\';'; ;");
  REQUIRE(parts.ok());
  CHECK(parts.value() == std::vector<std::string>{"SELECT $$;$$", "SELECT E'\\';'"});
  for (const auto dialect : kDialects)
    CHECK(quoted_name("plain", dialect) == "plain");
  CHECK(name_of(Dialect::postgres) == "postgres");
}
