#include "catch.hpp"

#include <string>

#include "quill/sql/parse.hpp"

using namespace quill::sql;

namespace {

std::string printed(std::string_view sql) {
  const auto query = parse(sql, local_grammar());
  return query.ok() ? print_sqlite(*query.value()) : "refused: " + query.failure().what;
}

std::string pretty(std::string_view sql) {
  const auto query = parse(sql, local_grammar());
  return query.ok() ? print_sqlite_pretty(*query.value()) : "refused: " + query.failure().what;
}

/// The expression of `SELECT …`.
ExprPtr expression(const std::string& text) {
  auto query = parse("SELECT " + text, local_grammar());
  REQUIRE(query.ok());
  return clone(query.value()->select()->items.at(0).expr);
}

} // namespace

TEST_CASE("a query prints on one line in SQLite's dialect", "[sql]") {
  CHECK(printed("select `a`, [b c], t.\"d\" x from `t` where a==1 and b!=2") ==
        "SELECT a, \"b c\", t.d AS x FROM t WHERE a = 1 AND b <> 2");
  CHECK(printed("SELECT a FROM t LIMIT 5, 10") == "SELECT a FROM t LIMIT 10 OFFSET 5");
  CHECK(printed("SELECT ALL a FROM (SELECT 1 a) ORDER BY a ASC") ==
        "SELECT a FROM (SELECT 1 AS a) ORDER BY a");
  CHECK(printed("SELECT a ISNULL, a NOT NULL, NOT a IS NULL FROM t") ==
        "SELECT a IS NULL, a IS NOT NULL, NOT a IS NULL FROM t");
  CHECK(printed("SELECT Count ( * ), MAX(a) FROM t u JOIN v ON 1 LEFT OUTER JOIN w USING(a,b)") ==
        "SELECT count(*), max(a) FROM t AS u JOIN v ON 1 LEFT JOIN w USING (a, b)");
  CHECK(printed("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3") ==
        "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3");
  CHECK(printed("SELECT sum(a) OVER (ORDER BY b ROWS 2 PRECEDING) FROM t") ==
        "SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM t");
}

TEST_CASE("parentheses stay where they change the grouping and go where they do not", "[sql]") {
  CHECK(printed("SELECT (1 + 2) * 3, (1 * 2) + 3, 1 - (2 - 3), (1 - 2) - 3") ==
        "SELECT (1 + 2) * 3, 1 * 2 + 3, 1 - (2 - 3), 1 - 2 - 3");
  CHECK(printed("SELECT 2 || 3 * 2, 2 || (3 * 2), (2 || 3) * 2") ==
        "SELECT 2 || 3 * 2, 2 || (3 * 2), 2 || 3 * 2");
  CHECK(printed("SELECT ((a OR b) AND c), (a AND b) OR c, NOT (a AND b), (NOT a) AND b") ==
        "SELECT (a OR b) AND c, a AND b OR c, NOT (a AND b), NOT a AND b");
  CHECK(printed("SELECT (a = b) = c, (a IS NULL) + 1, - (-1), -(1 + 2)") ==
        "SELECT (a = b) = c, (a IS NULL) + 1, - -1, -(1 + 2)");
}

TEST_CASE("operators group as SQLite groups them", "[sql]") {
  // PostgreSQL reads 2 || (3 * 2).
  const auto product = expression("2 || 3 * 2");
  REQUIRE(product->as<Binary>());
  CHECK(product->as<Binary>()->op == "*");
  const auto bits = expression("~1 + 2");
  CHECK(bits->as<Binary>()->op == "+");
  const auto path = expression("a -> '$.b' + 1");
  CHECK(path->as<Binary>()->op == "+");
  CHECK(expression("1 | 2 & 3")->as<Binary>()->op == "&");
  CHECK(expression("NOT a = b")->as<Unary>()->op == "NOT");
}

TEST_CASE("NOT IN and NOT EXISTS are told from NOT over them", "[sql]") {
  CHECK(expression("a NOT IN (SELECT 1)")->as<InQuery>()->negated);
  CHECK(expression("NOT a IN (SELECT 1)")->as<Unary>());
  CHECK(expression("a NOT IN (1, 2)")->as<InList>()->negated);
  CHECK(expression("NOT a IN (1, 2)")->as<Unary>());
  CHECK(expression("NOT EXISTS (SELECT 1)")->as<Exists>()->negated);
}

TEST_CASE("numbers, strings and blobs keep their text", "[sql]") {
  const auto literal = [](const std::string& text) { return *expression(text)->as<Literal>(); };
  CHECK(literal("007").text == "007");
  CHECK(literal("0x1F").kind == Literal::Kind::integer);
  CHECK(literal("9223372036854775808").kind == Literal::Kind::real); // above 2^63 - 1
  CHECK(literal("1e3").kind == Literal::Kind::real);
  CHECK(literal("'it''s'").text == "it's");
  CHECK(literal("X'0aFF'").text == "0aFF");
  CHECK(literal("NULL").kind == Literal::Kind::null);
  CHECK(literal("TRUE").text == "true");
  CHECK(expression("\"x\"")->as<Column>()->quoted);
  CHECK_FALSE(expression("[x]")->as<Column>()->quoted);
  CHECK_FALSE(expression("t.\"x\"")->as<Column>()->quoted);
}

TEST_CASE("a name keeps its letters and its length", "[sql]") {
  const std::string name(200, 'Q'); // PostgreSQL cuts names at 63 bytes
  CHECK(printed("SELECT " + name + " FROM Größe") == "SELECT " + name + " FROM Größe");
}

TEST_CASE("what is not understood is refused by name", "[sql]") {
  const auto refusal = [](std::string_view sql) {
    const auto query = parse(sql, local_grammar());
    return query.ok() ? "" : query.failure().what;
  };
  CHECK(refusal("") == "no statement");
  CHECK(refusal(" ; -- nothing") == "no statement");
  CHECK(refusal("DELETE FROM t") == "not a SELECT: it begins with 'DELETE'");
  CHECK(refusal("SELECT 1; SELECT 2") == "more than one statement");
  CHECK(refusal("SELECT a FROM") == "syntax error at end of input");
  CHECK(refusal("SELECT a b c FROM t") == "syntax error at or near \"c\"");
  CHECK(refusal("SELECT (1") == "'(' without ')'");
  CHECK(refusal("SELECT 1)") == "')' without '('");
  CHECK(refusal("SELECT CASE WHEN 1 THEN 2") == "CASE without END");
  CHECK(refusal("SELECT DISTINCT ON (a) b FROM t") == "DISTINCT ON is not SQLite's");
  CHECK(refusal("SELECT * FROM t, LATERAL (SELECT 1) u") == "a sub-query right after an operand");
  CHECK(refusal("SELECT a FROM t FOR UPDATE") == "syntax error at or near \"UPDATE\"");
  CHECK(refusal("SELECT a = b = c") == "two comparisons in a row without parentheses");
  CHECK(refusal("SELECT a < b IN (1)") == "two comparisons in a row without parentheses");
  CHECK(refusal("SELECT a IS NULL + 1") == "an operator right after a test for NULL");
  CHECK(refusal("SELECT a IN ((SELECT 1))") == "IN over a sub-query in double parentheses");
  CHECK(refusal("SELECT a IN f(1)") == "IN over a table function is not understood");
  CHECK(refusal("SELECT 1 UNION (SELECT 2)") == "no SELECT after UNION");
  CHECK(refusal("SELECT 1 INTERSECT ALL SELECT 2") == "unexpected INTERSECT ALL");
  CHECK(refusal("SELECT a.b.c.d FROM a.b") == "a column name of four parts");
  CHECK(refusal("SELECT a FROM t GROUP BY") == "syntax error at end of input");
}

TEST_CASE("the words of another grammar are names to us", "[sql]") {
  CHECK(printed("SELECT ilike, user, array, interval FROM fetch ORDER BY localtime") ==
        "SELECT ilike, user, array, interval FROM fetch ORDER BY localtime");
}

TEST_CASE("a tree from elsewhere with an unknown member is refused, not read in part", "[sql]") {
  const auto answering = [](std::string tree) {
    return [tree](std::string_view) -> quill::Result<std::string> { return tree; };
  };
  const auto refusal = [&](const std::string& tree) {
    return parse("SELECT a", answering(tree)).failure().what;
  };
  CHECK(refusal("{").starts_with("not valid JSON"));
  CHECK(refusal("[]") == "document is no object");
  CHECK(refusal(R"({"stmts":[]})") == "0 statements");
  CHECK(refusal(R"({"stmts":[{"stmt":{"InsertStmt":{}}}]})") == "InsertStmt is not a SELECT");
  CHECK(refusal(R"({"stmts":[{"stmt":{"SelectStmt":{"intoClause":{}}}}]})") ==
        "SelectStmt with intoClause is not understood");
  CHECK(refusal(R"({"stmts":[{"stmt":{"SelectStmt":{"op":"SETOP_NONE","targetList":[
    {"ResTarget":{"val":{"ColumnRef":{"fields":[{"String":{"sval":"n7"}}]}}}}]}}}]})") ==
        "unexpected name n7");
  CHECK(refusal(R"({"stmts":[{"stmt":{"SelectStmt":{"op":"SETOP_NONE","targetList":[
    {"ResTarget":{"val":{"XmlExpr":{}}}}]}}}]})") == "XmlExpr is not understood");
}

TEST_CASE("pretty printing puts clauses, joins and conjuncts on their own lines", "[sql]") {
  CHECK(pretty("WITH t AS (SELECT id FROM users) SELECT u.name, count(*) AS n FROM users u JOIN t "
               "ON t.id = u.id WHERE u.age > 3 AND u.id IN (SELECT user_id FROM orders) GROUP BY "
               "u.name ORDER BY n DESC LIMIT 5") == R"(WITH t AS (
  SELECT id
  FROM users
)
SELECT u.name, count(*) AS n
FROM users AS u
  JOIN t ON t.id = u.id
WHERE u.age > 3
  AND u.id IN (
    SELECT user_id
    FROM orders
  )
GROUP BY u.name
ORDER BY n DESC
LIMIT 5)");
}

TEST_CASE("long select lists get a line each", "[sql]") {
  CHECK(pretty("SELECT a_rather_long_column_name, another_rather_long_name, "
               "and_a_third_one_to_pass_the_width FROM t") == R"(SELECT
  a_rather_long_column_name,
  another_rather_long_name,
  and_a_third_one_to_pass_the_width
FROM t)");
}

TEST_CASE("names and texts are quoted when SQLite needs it", "[sql]") {
  CHECK(quoted_name("city") == "city");
  CHECK(quoted_name("order") == "\"order\"");
  CHECK(quoted_name("a b") == "\"a b\"");
  CHECK(quoted_name("a\"b") == "\"a\"\"b\"");
  CHECK(quoted_name("1a") == "\"1a\"");
  CHECK(quoted_name("") == "\"\"");
  CHECK(quoted_name("true") == "\"true\"");
  CHECK(quoted_text("it's") == "'it''s'");
}
