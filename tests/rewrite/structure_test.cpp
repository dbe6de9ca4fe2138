#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill::rewrite::tests;

TEST_CASE("a condition that is always true or never true is dropped", "[rewrite]") {
  CHECK(rewritten("constant-condition",
                  "SELECT id FROM orders WHERE (status = 'paid' OR FALSE) AND 1 = 1") ==
        "SELECT id FROM orders WHERE status = 'paid'");
}

TEST_CASE("a condition on group keys moves from HAVING to WHERE", "[rewrite]") {
  CHECK(rewritten("having-to-where",
                  "SELECT status, count(*) FROM orders GROUP BY status HAVING status <> 'open' "
                  "AND count(*) > 1") ==
        "SELECT orders.status, count(*) FROM orders WHERE orders.status <> 'open' "
        "GROUP BY orders.status HAVING count(*) > 1");
}

TEST_CASE("HAVING without GROUP BY stays: it drops the one row that aggregates make of none",
          "[rewrite]") {
  CHECK(rewritten("having-to-where", "SELECT count(*) FROM orders HAVING count(*) > 1") == "");
}

TEST_CASE("HAVING on a NOCASE key stays: a group may hold two spellings", "[rewrite]") {
  CHECK(rewritten("having-to-where",
                  "SELECT nick, count(*) FROM users GROUP BY nick HAVING nick <> 'ad'") == "");
}

TEST_CASE("IN over a correlated sub-query becomes IN over rows", "[rewrite]") {
  CHECK(rewritten("correlated-in-to-row-in",
                  "SELECT id FROM orders o WHERE product IN (SELECT p.product FROM orders p "
                  "WHERE p.user_id = o.user_id AND p.status = 'open')") ==
        "SELECT o.id FROM orders AS o WHERE (o.user_id, o.product) IN (SELECT "
        "p.user_id, p.product FROM orders AS p WHERE p.status = 'open')");
}

TEST_CASE("NOT IN over a correlated sub-query stays: a NULL in the list decides", "[rewrite]") {
  CHECK(rewritten("correlated-in-to-row-in",
                  "SELECT id FROM orders o WHERE product NOT IN (SELECT p.product FROM orders p "
                  "WHERE p.user_id = o.user_id)") == "");
}

TEST_CASE("NOT EXISTS becomes an anti-join", "[rewrite]") {
  CHECK(rewritten("not-exists-to-anti-join",
                  "SELECT name FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE "
                  "o.user_id = u.id AND o.amount > 5)") ==
        "SELECT u.name FROM users AS u LEFT JOIN orders AS o_2 ON o_2.user_id = u.id "
        "AND o_2.amount > 5 WHERE o_2.id IS NULL");
}

TEST_CASE("NOT IN without NULLs on either side becomes an anti-join", "[rewrite]") {
  CHECK(rewritten("not-exists-to-anti-join",
                  "SELECT name FROM users u WHERE id NOT IN (SELECT user_id FROM orders)") ==
        "SELECT u.name FROM users AS u LEFT JOIN orders AS orders_2 ON "
        "orders_2.user_id = u.id WHERE orders_2.id IS NULL");
}

TEST_CASE("NOT IN over a list that may hold NULL stays: it is then never true", "[rewrite]") {
  CHECK(rewritten("not-exists-to-anti-join",
                  "SELECT name FROM users u WHERE id NOT IN (SELECT gift_for FROM orders)") == "");
}

TEST_CASE("NOT IN of a value that may be NULL stays: an anti-join would keep it", "[rewrite]") {
  CHECK(rewritten("not-exists-to-anti-join",
                  "SELECT id FROM orders o WHERE gift_for NOT IN (SELECT id FROM users)") == "");
}

TEST_CASE("what every reader of a WITH table asks moves inside", "[rewrite]") {
  CHECK(rewritten("filter-into-cte",
                  "WITH t AS (SELECT user_id, status, sum(amount) AS s FROM orders GROUP BY "
                  "user_id, status) SELECT a.s - b.s FROM t a JOIN t b ON b.user_id = a.user_id "
                  "WHERE a.status = 'paid' AND b.status = 'open'") ==
        "WITH t AS (SELECT orders.user_id, orders.status, sum(orders.amount) AS s FROM "
        "orders WHERE orders.status = 'paid' OR orders.status = 'open' GROUP BY "
        "orders.user_id, orders.status) SELECT a.s - b.s FROM t AS a JOIN t AS b ON "
        "b.user_id = a.user_id WHERE a.status = 'paid' AND b.status = 'open'");
}

TEST_CASE("a WITH table with a reader that filters nothing stays whole", "[rewrite]") {
  CHECK(rewritten("filter-into-cte",
                  "WITH t AS (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) SELECT "
                  "a.n FROM t a JOIN t b ON b.user_id = a.user_id WHERE a.user_id = 1") == "");
}

TEST_CASE("a filter on an aggregate of a WITH table stays outside", "[rewrite]") {
  CHECK(rewritten("filter-into-cte",
                  "WITH t AS (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) SELECT "
                  "a.n FROM t a, t b WHERE a.n > 1 AND b.n > 1") == "");
}

TEST_CASE("a derived table written twice becomes one WITH table", "[rewrite]") {
  CHECK(rewritten("repeated-subquery-to-cte",
                  "SELECT a.user_id FROM (SELECT user_id, count(*) AS n FROM orders GROUP BY "
                  "user_id) a JOIN (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) "
                  "b ON b.n > a.n") ==
        "WITH shared AS MATERIALIZED (SELECT user_id, count(*) AS n FROM orders GROUP "
        "BY user_id) SELECT a.user_id FROM shared AS a JOIN shared AS b ON b.n > a.n");
}

TEST_CASE("OFFSET becomes a search from the page's first key", "[rewrite]") {
  CHECK(rewritten("offset-to-keyset", "SELECT * FROM orders ORDER BY id LIMIT 2 OFFSET 1") ==
        "SELECT * FROM orders WHERE orders.id >= (SELECT orders.id FROM orders ORDER "
        "BY orders.id LIMIT 1 OFFSET 1) ORDER BY orders.id LIMIT 2");
}

TEST_CASE("a page ordered by two columns begins at a row of both", "[rewrite]") {
  CHECK(rewritten("offset-to-keyset",
                  "SELECT id, product FROM orders ORDER BY created_at DESC, id DESC LIMIT 2 "
                  "OFFSET 1") ==
        "SELECT orders.id, orders.product FROM orders WHERE (orders.created_at, "
        "orders.id) <= (SELECT orders.created_at, orders.id FROM orders ORDER BY "
        "orders.created_at DESC, orders.id DESC LIMIT 1 OFFSET 1) ORDER BY "
        "orders.created_at DESC, orders.id DESC LIMIT 2");
}

TEST_CASE("a page whose order has ties stays", "[rewrite]") {
  CHECK(rewritten("offset-to-keyset",
                  "SELECT * FROM orders ORDER BY created_at LIMIT 2 OFFSET 1") == "");
}

TEST_CASE("a page ordered up and down stays: a row comparison knows one direction", "[rewrite]") {
  CHECK(rewritten("offset-to-keyset",
                  "SELECT * FROM orders ORDER BY created_at DESC, id LIMIT 2 OFFSET 1") == "");
}

TEST_CASE("rows of one join key are put together before the join", "[rewrite]") {
  CHECK(rewritten("partial-aggregates-first",
                  "SELECT u.city, sum(o.amount), count(*), avg(o.quantity) FROM orders o JOIN "
                  "users u ON u.id = o.user_id GROUP BY u.city") ==
        "SELECT u.city, sum(o.sum_amount), sum(o.row_count), CAST(sum(o.sum_quantity) "
        "AS REAL) / sum(o.count_quantity) FROM (SELECT o.user_id, sum(o.amount) AS "
        "sum_amount, count(*) AS row_count, sum(o.quantity) AS sum_quantity, "
        "count(o.quantity) AS count_quantity FROM orders AS o GROUP BY o.user_id) AS o "
        "JOIN users AS u ON u.id = o.user_id GROUP BY u.city");
}

TEST_CASE("sums of reals that order the answer stay as they are added", "[rewrite]") {
  CHECK(rewritten("partial-aggregates-first",
                  "SELECT u.city, sum(o.amount) AS s FROM orders o JOIN users u ON u.id = "
                  "o.user_id GROUP BY u.city ORDER BY s DESC") == "");
}

TEST_CASE("sums of reals that decide over groups stay as they are added", "[rewrite]") {
  CHECK(rewritten("partial-aggregates-first",
                  "SELECT u.city, sum(o.amount) FROM orders o JOIN users u ON u.id = o.user_id "
                  "GROUP BY u.city HAVING sum(o.amount) > 3") == "");
}

TEST_CASE("rows grouped by their own key stay: nothing would be put together", "[rewrite]") {
  CHECK(rewritten("partial-aggregates-first",
                  "SELECT o.id, count(*) FROM orders o JOIN users u ON u.id = o.user_id GROUP BY "
                  "o.id") == "");
}

TEST_CASE("joins that only filter under DISTINCT become one EXISTS", "[rewrite]") {
  CHECK(rewritten("distinct-joins-to-exists",
                  "SELECT DISTINCT u.name FROM users u JOIN orders o ON o.user_id = u.id JOIN "
                  "orders p ON p.gift_for = o.user_id WHERE p.status = 'open'") ==
        "SELECT DISTINCT u.name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders AS "
        "o JOIN orders AS p ON p.gift_for = o.user_id WHERE o.user_id = u.id AND "
        "p.status = 'open')");
}

// ---- traps of the rewrites that others do
// ---------------------------------------------------------

TEST_CASE("x OR TRUE stays: it would be a condition of nothing", "[rewrite]") {
  CHECK(rewritten("constant-condition", "SELECT id FROM orders WHERE status = 'paid' OR TRUE") ==
        "");
}

TEST_CASE("an ORDER BY alias that hides a column is no column of the table", "[rewrite]") {
  CHECK(rewritten("offset-to-keyset",
                  "SELECT product AS id FROM orders ORDER BY id LIMIT 2 OFFSET 1") == "");
  CHECK(rewritten("late-materialisation",
                  "SELECT o.id, o.status AS amount, u.name FROM orders o LEFT JOIN users u ON u.id "
                  "= o.user_id ORDER BY amount, o.id LIMIT 2") == "");
}

TEST_CASE("GROUP BY an alias is GROUP BY what it stands for", "[rewrite]") {
  CHECK(rewritten("partial-aggregates-first",
                  "SELECT u.city AS c, count(*) FROM orders o JOIN users u ON u.id = o.user_id "
                  "GROUP BY c") ==
        "SELECT u.city AS c, sum(o.row_count) FROM (SELECT o.user_id, count(*) AS row_count FROM "
        "orders AS o GROUP BY o.user_id) AS o JOIN users AS u ON u.id = o.user_id GROUP BY u.city");
}

TEST_CASE("a scalar total over no group is left for SQLite to compute once", "[rewrite]") {
  // as a window it was measured at 0.3x to 0.5x
  CHECK(rewritten("scalar-aggregate-to-window",
                  "SELECT id, amount / (SELECT sum(amount) FROM orders) FROM orders") == "");
}

TEST_CASE("an OR over one table stays: SQLite searches two indexes itself", "[rewrite]") {
  CHECK(rewritten("or-to-union-all",
                  "SELECT id FROM orders WHERE status = 'paid' OR product = 'pen'") == "");
}

TEST_CASE("EXCEPT over another table stays: NOT EXISTS would scan for every row", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT user_id FROM orders EXCEPT SELECT id FROM users") == "");
}

TEST_CASE("NOT IN becomes NOT EXISTS only with an index and without NULLs", "[rewrite]") {
  const char* plain = "SELECT name FROM users u WHERE id NOT IN (SELECT user_id FROM orders)";
  CHECK(rewritten("in-to-exists", plain) == ""); // it would scan orders for every user
  const auto indexed = open_shop("CREATE INDEX i ON orders(user_id); CREATE INDEX j ON "
                                 "orders(gift_for);");
  CHECK(rewritten("in-to-exists", plain, *indexed) ==
        "SELECT u.name FROM users AS u WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.user_id "
        "= u.id)");
  CHECK(rewritten("in-to-exists",
                  "SELECT name FROM users u WHERE id NOT IN (SELECT gift_for FROM orders)",
                  *indexed) == "");
}

TEST_CASE("a WITH table joined to itself by two values of a key is read once", "[rewrite]") {
  const std::string with = "WITH t AS (SELECT user_id, status, sum(amount) AS s FROM orders GROUP "
                           "BY user_id, status) ";
  CHECK(
      rewritten("cte-self-join-to-pivot",
                with + "SELECT a.user_id, a.s, b.s FROM t a JOIN t b ON b.user_id = a.user_id "
                       "WHERE a.status = 'paid' AND b.status = 'open'") ==
      "WITH t AS (SELECT orders.user_id, orders.status, sum(orders.amount) AS s FROM orders GROUP "
      "BY orders.user_id, orders.status) SELECT turned.user_id, turned.s_of_one, "
      "turned.s_of_one_2 FROM (SELECT t.user_id, max(t.s) FILTER (WHERE t.status = 'paid') AS "
      "s_of_one, max(t.s) FILTER (WHERE t.status = 'open') AS s_of_one_2 FROM t WHERE t.status IN "
      "('paid', 'open') AND t.user_id IS NOT NULL GROUP BY t.user_id HAVING count(*) = 2) AS "
      "turned");
}

TEST_CASE("a self-join of a WITH table stays where a side could meet more than a row",
          "[rewrite]") {
  const std::string with = "WITH t AS (SELECT user_id, status, product, sum(amount) AS s FROM "
                           "orders GROUP BY user_id, status, product) ";
  CHECK(rewritten("cte-self-join-to-pivot",
                  with +
                      "SELECT a.s, b.s FROM t a JOIN t b ON b.user_id = a.user_id WHERE a.status "
                      "= 'paid' AND b.status = 'open'") == ""); // product is not tied
  CHECK(
      rewritten("cte-self-join-to-pivot",
                "WITH t AS (SELECT user_id, status, sum(amount) AS s FROM orders GROUP BY user_id, "
                "status) SELECT a.s FROM t a LEFT JOIN t b ON b.user_id = a.user_id AND b.status = "
                "'open' WHERE a.status = 'paid'") == ""); // both need not be there
}
