// Spider's own reading of SQL: words, trees, exact-set match, hardness.
#include "catch.hpp"

#include "eval/spider_match.hpp"
#include "eval/spider_parser.hpp"
#include "eval/spider_text.hpp"
#include "eval/spider_tokens.hpp"

using namespace quill::eval;
using Words = std::vector<std::string>;

namespace {

quill::sql::Table table(const std::string& name, const std::vector<std::string>& columns) {
  quill::sql::Table out;
  out.name = name;
  for (const std::string& column : columns)
    out.columns.emplace_back().name = column;
  return out;
}

/// singer(id, name, age), song(id, singer_id → singer.id, title)
quill::sql::Schema concert() {
  quill::sql::Schema schema;
  schema.tables = {table("Singer", {"ID", "Name", "Age"}),
                   table("song", {"id", "Singer_ID", "title"})};
  schema.tables[1].foreign_keys = {{{"singer_id"}, "singer", {"id"}}};
  return schema;
}

SpiderQuery parsed(const std::string& sql) {
  const auto query = parse_spider(sql, SpiderSchema(concert()));
  INFO(sql << (query ? "" : ": " + query.failure().what));
  REQUIRE(query);
  return query.value();
}
std::string why_not(const std::string& sql) {
  const auto query = parse_spider(sql, SpiderSchema(concert()));
  REQUIRE_FALSE(query);
  return query.failure().what;
}
Words differences(const std::string& predicted, const std::string& gold) {
  const SpiderSchema schema(concert());
  const ColumnSets sets = column_sets(concert());
  return spider_differences(comparable(parsed(predicted), schema, sets),
                            comparable(parsed(gold), schema, sets));
}

} // namespace

TEST_CASE("words are those of a tokenizer of English", "[eval]") {
  const auto words = [](const char* sql) { return spider_tokens(sql).value(); };
  CHECK(words("SELECT count(*) FROM t") == Words{"select", "count", "(", "*", ")", "from", "t"});
  CHECK(words("a>= 1 AND b!=2 AND c=3") ==
        Words{"a", ">=", "1", "and", "b", "!", "=2", "and", "c=3"});
  CHECK(words("a > = 1") == Words{"a", ">=", "1"});
  CHECK(words("a,b ,1,2") == Words{"a", ",", "b", ",1,2"});
  CHECK(words("x = 'It is' AND y = \"B\"") ==
        Words{"x", "=", "\"It is\"", "and", "y", "=", "\"B\""});
  CHECK(words("name='x'") == Words{"name=__val_5_7__"});
  CHECK(words("SELECT a FROM t.") == Words{"select", "a", "from", "t", "."});
  CHECK(words("a cannot=b") == Words{"a", "can", "not", "=b"});
  CHECK(words("t1.cannot--b") == Words{"t1.", "can", "not", "--", "b"});
  CHECK(words("a<>b;") == Words{"a", "<", ">", "b", ";"});
  CHECK_FALSE(spider_tokens("x = 'it''s"));
}

TEST_CASE("what Spider's parser cannot read is told apart from SQL that is wrong", "[eval]") {
  CHECK(why_not("SELECT name FROM singer WHERE age IN (1, 2)") == "\",\" where \")\" is expected");
  CHECK(why_not("SELECT s.name FROM singer s") == "there is no table \"s\"");
  CHECK(why_not("SELECT name FROM singer AS song") == "the alias \"song\" is the name of a table");
  CHECK(why_not("SELECT nam FROM singer") == "no table of the query has a column \"nam\"");
  CHECK(why_not("SELECT name FROM singer WHERE name='x'").find("name=__val") != std::string::npos);
  CHECK(why_not("") == "the query ends too early");
  CHECK(why_not("SELECT name") == "there is no FROM");
  CHECK(why_not("SELECT name FROM singer LIMIT") == "the query ends too early");
}

TEST_CASE("text behind what was read is ignored, and an OR behind a column is lost", "[eval]") {
  CHECK(parsed("SELECT name FROM singer LIMIT 1 OFFSET 2").limit);
  CHECK(parsed("SELECT name FROM singer WHERE age = id or age = 3").where.terms.size() == 1);
  CHECK(parsed("SELECT name FROM singer WHERE age = 1 or age = 3").where.connectors == Words{"or"});
}

TEST_CASE("queries nested by the thousand are refused, not followed", "[eval]") {
  std::string sql;
  for (int i = 0; i < 5000; ++i)
    sql += "SELECT name FROM singer WHERE id IN ( ";
  CHECK(why_not(sql + "SELECT id FROM singer") == "more than 100 levels of queries");
}

TEST_CASE("lists of columns match in any order, values and DISTINCT do not count", "[eval]") {
  CHECK(differences("SELECT age , name FROM singer", "SELECT name , age FROM singer").empty());
  CHECK(differences("SELECT DISTINCT name FROM singer WHERE age > 1",
                    "SELECT name FROM singer WHERE age > 30")
            .empty());
  CHECK(differences("SELECT count(DISTINCT name) FROM singer", "SELECT count(name) FROM singer")
            .empty());
  CHECK(differences("SELECT name FROM singer WHERE age > 1",
                    "SELECT name FROM singer WHERE age < 1") == Words{"where"});
  CHECK(differences("SELECT max(name) FROM singer", "SELECT min(name) FROM singer") ==
        Words{"select"});
}

TEST_CASE("columns joined by a foreign key stand for one another where their table is in FROM",
          "[eval]") {
  CHECK(differences("SELECT T2.singer_id FROM singer AS T1 JOIN song AS T2 ON T1.id = T2.singer_id",
                    "SELECT T1.id FROM singer AS T1 JOIN song AS T2 ON T1.id = T2.singer_id")
            .empty());
  CHECK(differences("SELECT singer_id FROM song", "SELECT id FROM singer") == Words{"tables"});
}

TEST_CASE("a limit must be there in both or neither, its number does not count", "[eval]") {
  CHECK(differences("SELECT name FROM singer ORDER BY age LIMIT 3",
                    "SELECT name FROM singer ORDER BY age ASC LIMIT 1")
            .empty());
  CHECK(differences("SELECT name FROM singer ORDER BY age",
                    "SELECT name FROM singer ORDER BY age LIMIT 1") == Words{"order", "keywords"});
  CHECK(differences("SELECT name FROM singer ORDER BY age DESC",
                    "SELECT name FROM singer ORDER BY age") == Words{"order", "keywords"});
}

TEST_CASE("nested queries keep their columns, those in FROM their values too", "[eval]") {
  CHECK(differences("SELECT name FROM singer WHERE id IN (SELECT singer_id FROM song WHERE id = 1)",
                    "SELECT name FROM singer WHERE id IN (SELECT singer_id FROM song WHERE id = 2)")
            .empty());
  CHECK(differences("SELECT name FROM singer WHERE id NOT IN (SELECT DISTINCT singer_id FROM song)",
                    "SELECT name FROM singer WHERE id NOT IN (SELECT singer_id FROM song)") ==
        Words{"where"});
  CHECK(differences("SELECT count(*) FROM (SELECT name FROM singer WHERE age = 1)",
                    "SELECT count(*) FROM (SELECT name FROM singer WHERE age = 2)") ==
        Words{"tables"});
  CHECK(differences("SELECT name FROM singer UNION SELECT title FROM song",
                    "SELECT name FROM singer UNION SELECT title FROM song")
            .empty());
  CHECK(differences("SELECT name FROM singer EXCEPT SELECT title FROM song",
                    "SELECT name FROM singer UNION SELECT title FROM song") ==
        Words{"IUEN", "keywords"});
}

TEST_CASE("hardness counts clauses, nested queries and what there is more than one of", "[eval]") {
  CHECK(spider_hardness(parsed("SELECT name FROM singer")) == "easy");
  CHECK(spider_hardness(parsed("SELECT name , age FROM singer ORDER BY age")) == "medium");
  CHECK(spider_hardness(parsed("SELECT name FROM singer WHERE id IN (SELECT id FROM song)")) ==
        "hard");
  CHECK(
      spider_hardness(parsed("SELECT name FROM singer WHERE age > 1 AND name LIKE \"a\" OR id = 2 "
                             "GROUP BY name ORDER BY age LIMIT 1")) == "extra");
}

TEST_CASE("DISTINCT goes everywhere but in quotes, and the first statement is all there is",
          "[eval]") {
  CHECK(without_distinct("SELECT DISTINCT a, count(distinct b) FROM t") ==
        "SELECT  a, count( b) FROM t");
  CHECK(without_distinct("SELECT 'distinct', \"Distinct\", distinct_id FROM t") ==
        "SELECT 'distinct', \"Distinct\", distinct_id FROM t");
  CHECK(without_distinct("SELECT DISTINCT a; DROP TABLE t") == "SELECT  a;");
  CHECK(without_distinct("SELECT DISTINCT a; It's prose") == "SELECT  a;");
  CHECK(without_distinct("SELECT 'open") == "SELECT 'open");
}

TEST_CASE("a query is patched before it is run as the official script does it", "[eval]") {
  CHECK(as_executed("a > = 1 AND b ! = year ( curdate() ) ") == "a >= 1 AND b != 2020");
  CHECK(as_executed("YEAR(CURDATE()), YEAR(x)") == "2020, YEAR(x)");
  CHECK(with_placeholders_filled("SELECT a FROM t WHERE values = 'value'") ==
        "SELECT a FROM t WHERE 1s = '1'");
  CHECK(order_matters("SELECT a FROM (SELECT b FROM t ORDER BY b LIMIT 1)"));
  CHECK_FALSE(order_matters("SELECT a FROM t ORDER  BY a"));
  CHECK(is_blank(" -- nothing\n"));
  CHECK(has_parameters("SELECT * FROM t WHERE a = ?"));
  CHECK_FALSE(has_parameters("SELECT '?' FROM t"));
}
