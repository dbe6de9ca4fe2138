#include "catch.hpp"

#include <string>

#include "quill/sql/parse.hpp"
#include "quill/sql/row_facts.hpp"
#include "sql/shop.hpp"

using namespace quill::sql;

namespace {

/// "id | name email": the keys of the answer, columns by name, "!" after one that is never NULL.
std::string keys(std::string_view sql) {
  auto query = parse(sql, local_grammar());
  REQUIRE(query.ok());
  const auto schema = test::shop();
  const auto facts = row_facts(*query.value(), schema);
  std::string result;
  for (const auto& key : facts.keys) {
    result += result.empty() ? "" : " | ";
    std::string names;
    for (const auto column : key)
      names += (names.empty() ? "" : " ") + facts.columns.at(column);
    result += key.empty() ? "one row" : names;
  }
  return result;
}

} // namespace

TEST_CASE("keys of tables are keys of what selects them", "[sql]") {
  CHECK(keys("SELECT * FROM users") == "id | email");
  CHECK(keys("SELECT name, email FROM users WHERE age > 3") == "email");
  CHECK(keys("SELECT name, city FROM users").empty()); // city may be NULL
  CHECK(keys("SELECT lower(email) FROM users").empty());
  CHECK(keys("SELECT * FROM unknown").empty());
}

TEST_CASE("a join has the keys of both sides, fewer where one determines the other", "[sql]") {
  CHECK(keys("SELECT u.id, o.id FROM users u, orders o") == "id id");
  CHECK(keys("SELECT u.name, o.id AS oid FROM users u JOIN orders o ON o.user_id = u.id") == "oid");
  CHECK(keys("SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id") == "id");
  CHECK(keys("SELECT o.id FROM orders o LEFT JOIN users u ON u.name = o.product").empty());
  CHECK(keys("SELECT u.id FROM users u LEFT JOIN orders o ON u.id = o.user_id").empty());
  CHECK(keys("SELECT o.id FROM orders o JOIN users u ON u.id = o.amount").empty()); // affinities
}

TEST_CASE("constants, GROUP BY, DISTINCT, LIMIT 1 and set operations make keys", "[sql]") {
  CHECK(keys("SELECT name FROM users WHERE id = 7") == "one row");
  CHECK(keys("SELECT name FROM users LIMIT 1") == "one row");
  CHECK(keys("SELECT count(*) FROM users") == "one row");
  CHECK(keys("SELECT city, count(*) AS n FROM users GROUP BY city") == "city");
  CHECK(keys("SELECT count(*) AS n FROM users GROUP BY city").empty());
  CHECK(keys("SELECT id, name, count(*) AS n FROM users GROUP BY id, name") == "id");
  CHECK(keys("SELECT strftime('%Y', created_at) AS y, 1 AS n FROM users GROUP BY "
             "strftime('%Y', created_at)") == "y");
  CHECK(keys("SELECT DISTINCT city, age FROM users") == "city age");
  CHECK(keys("SELECT city FROM users UNION SELECT name FROM users") == "city");
  CHECK(keys("SELECT id FROM users UNION ALL SELECT id FROM users").empty());
  CHECK(keys("SELECT id, city FROM users EXCEPT SELECT id, city FROM users") == "id");
  CHECK(keys("VALUES (1)") == "one row");
}

TEST_CASE("facts go through derived tables and CTEs", "[sql]") {
  CHECK(keys("WITH t AS (SELECT user_id, sum(amount) AS s FROM orders GROUP BY user_id) SELECT "
             "u.id, t.s FROM users u JOIN t ON t.user_id = u.id") == "id");
  CHECK(keys("SELECT d.id FROM (SELECT id FROM users) d") == "id");
  CHECK(keys("WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT i FROM n") == "i");
}

TEST_CASE("NULLs of the answer, and keys and foreign keys of tables", "[sql]") {
  const auto schema = test::shop();
  auto query = parse("SELECT id, city, count(*) FROM users GROUP BY id", local_grammar());
  const auto facts = row_facts(*query.value(), schema);
  CHECK(facts.not_null == std::vector<bool>{true, false, true});
  CHECK(facts.has_key({0, 1}));
  CHECK_FALSE(facts.has_key({1, 2}));
  CHECK(schema.table("users")->keys().size() == 2); // id, email; not (city, name)
  REQUIRE(schema.table("orders")->foreign_key({"USER_ID"}));
  CHECK(schema.table("orders")->foreign_key({"USER_ID"})->table == "users");
  CHECK_FALSE(schema.table("orders")->foreign_key({"id"}));
}
