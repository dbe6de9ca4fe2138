// Text of any size and depth, in every dialect: an answer soon, a refusal, never a crash.
#include "catch.hpp"

#include <ctime>
#include <string>
#include <tuple>

#include "quill/sql/block_graph.hpp"
#include "quill/sql/diff.hpp"
#include "quill/sql/features.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/row_facts.hpp"
#include "quill/sql/similarity.hpp"
#include "quill/sql/walk.hpp"

using namespace quill::sql;

namespace {

constexpr auto kDialects = {Dialect::sqlite, Dialect::postgres, Dialect::duckdb};

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i)
    result += text;
  return result;
}

/// Everything the room does with a tree.
void use(const Query& query, Dialect dialect) {
  const Schema empty;
  for (const auto other : kDialects)
    CHECK_FALSE(print(query, other).empty());
  CHECK_FALSE(print_pretty(query, dialect).empty());
  const auto copy = clone(query);
  CHECK(equal(*copy, query));
  CHECK(diff(*copy, query).empty());
  CHECK(similarity(gram_profile(*copy), gram_profile(query)) == 1);
  CHECK(fingerprint(*copy) == fingerprint(query));
  CHECK_FALSE(block_graph(query).blocks.empty());
  (void)features(query);
  (void)row_facts(query, empty);
  (void)is_common(query);
  (void)Scope(query, empty).sources();
  settle_quoted_names(*copy, empty);
}

#ifdef QUILL_SANITIZED
constexpr double kSlower = 20; // instrumented
#else
constexpr double kSlower = 1;
#endif

/// Was it understood? Takes no longer than 2 s of processor time, and 2 s more for each megabyte.
bool is_understood(Dialect dialect, const std::string& sql) {
  const auto begin = std::clock();
  const auto query = parse(dialect, sql, local_grammar());
  if (query)
    use(*query.value(), dialect);
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CHECK(seconds < kSlower * (2 + 2 * static_cast<double>(sql.size()) / 1e6));
  return query.ok();
}

} // namespace

TEST_CASE("chains and depths past the caps are refused in every dialect", "[sql]") {
  for (const auto dialect : kDialects) {
    INFO(name_of(dialect));
    for (const auto& [head, part, tail] : {std::tuple{"SELECT 1", " + 1", ""},
                                           std::tuple{"SELECT ", "- ", "1"},
                                           std::tuple{"SELECT ", "(", "1"},
                                           std::tuple{"SELECT 1 WHERE a", " AND a", ""},
                                           std::tuple{"SELECT ", "NOT ", "1"},
                                           std::tuple{"SELECT 'a'", " || 'a'", ""},
                                           std::tuple{"SELECT 1", " UNION SELECT 1", ""},
                                           std::tuple{"SELECT 1 FROM a", " JOIN a ON 1 = 1", ""},
                                           std::tuple{"SELECT ", "CASE WHEN 1 THEN ", "1"},
                                           std::tuple{"SELECT ", "f(", "1"},
                                           std::tuple{"SELECT ", "(SELECT ", "1"},
                                           std::tuple{"SELECT a", " IS NULL", ""},
                                           std::tuple{"SELECT a", " COLLATE b", ""},
                                           std::tuple{"", "WITH a AS (", "SELECT 1"},
                                           std::tuple{"SELECT 1 FROM ", "(SELECT 1 FROM ", "t"},
                                           std::tuple{"SELECT ", "ARRAY[", "1"},
                                           std::tuple{"SELECT a", "::int", ""},
                                           std::tuple{"SELECT a", " AT TIME ZONE 'x'", ""},
                                           std::tuple{"SELECT a", " OPERATOR(+) a", ""},
                                           std::tuple{"SELECT a", " SIMILAR TO a", ""},
                                           std::tuple{"SELECT a", " ILIKE a", ""},
                                           std::tuple{"", "(", "SELECT 1"},
                                           std::tuple{"SELECT ", "[", "1"},
                                           std::tuple{"SELECT ", "{'a': ", "1"}})
      CHECK_FALSE(is_understood(dialect, head + repeated(part, 100'000) + tail));
  }
}

TEST_CASE("what stays within the caps is understood, however close to them", "[sql]") {
  for (const auto dialect : kDialects) {
    INFO(name_of(dialect));
    CHECK(is_understood(dialect, "SELECT 1" + repeated(" + 1", 490)));
    CHECK(is_understood(dialect, "SELECT " + repeated("(", 190) + "1" + repeated(")", 190)));
    CHECK(is_understood(dialect, "SELECT 1 WHERE a = 1" + repeated(" AND a = 1", 490)));
    CHECK(is_understood(dialect, "SELECT a FROM t WHERE a IN (0" + repeated(", 1", 9'000) + ")"));
    CHECK(is_understood(dialect, "SELECT 1" + repeated(" UNION ALL SELECT 1", 490)));
    CHECK(is_understood(dialect, "SELECT 1 FROM t" + repeated(" JOIN t ON true", 490)));
    CHECK(is_understood(dialect,
                        repeated("SELECT 1 FROM (", 150) + "SELECT 1" + repeated(") AS x", 150)));
    CHECK(is_understood(dialect, "SELECT " + repeated("(SELECT ", 150) + "1" + repeated(")", 150)));
    CHECK(is_understood(dialect, "SELECT " + repeated("CASE WHEN a THEN ", 150) + "1" +
                                     repeated(" END", 150)));
    CHECK(is_understood(dialect, "SELECT '" + repeated("x", 1'000'000) + "'"));
  }
}

TEST_CASE("a query of a megabyte of words is refused at once", "[sql]") {
  for (const auto dialect : kDialects) {
    CHECK_FALSE(is_understood(dialect, "SELECT a" + repeated(", a", 340'000)));
    CHECK_FALSE(is_understood(dialect, repeated("SELECT a FROM t; ", 60'000)));
    CHECK_FALSE(is_understood(dialect, repeated("'", 1'000'001)));
    CHECK_FALSE(is_understood(dialect, repeated("/*", 500'000)));
    CHECK_FALSE(is_understood(dialect, repeated("$a", 500'000)));
    CHECK_FALSE(is_understood(dialect, "SELECT " + repeated("x", 1'100'000)));
  }
}

// Each CTE reads the one before twice: looked at anew each time it would be 2^40 looks.
TEST_CASE("CTEs that each read the one before twice are looked at once", "[sql]") {
  for (const bool star : {true, false}) {
    std::string sql = "WITH c0 AS (SELECT id AS x FROM t)";
    for (int i = 1; i < 40; ++i)
      sql += ", c" + std::to_string(i) + " AS (SELECT " +
             (star ? std::string("a.*") : std::string("a.x + b.x AS x")) + " FROM c" +
             std::to_string(i - 1) + " a, c" + std::to_string(i - 1) + " b)";
    CHECK(is_understood(Dialect::sqlite, sql + " SELECT * FROM c39"));
  }
}

TEST_CASE("bytes that are no text are refused", "[sql]") {
  for (const auto dialect : kDialects) {
    CHECK_FALSE(is_understood(dialect, std::string("SELECT '\0'", 10)));
    CHECK_FALSE(is_understood(dialect, std::string("SELECT \0", 8)));
    (void)is_understood(dialect, "SELECT '\xFF\xFE'");
    (void)is_understood(dialect, "SELECT \xC3\x28");
  }
}
