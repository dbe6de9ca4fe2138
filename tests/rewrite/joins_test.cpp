#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill::rewrite::tests;

// ---- anti-join-to-not-in
// -------------------------------------------------------------------------

TEST_CASE("a LEFT JOIN that keeps rows without a partner becomes NOT IN", "[rewrite]") {
  CHECK(
      rewritten("anti-join-to-not-in",
                "SELECT u.name FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.status = "
                "'paid' WHERE o.id IS NULL AND u.age > 30") ==
      "SELECT u.name FROM users AS u WHERE u.age > 30 AND u.id NOT IN (SELECT o.user_id FROM "
      "orders AS o WHERE o.status = 'paid')");
}

TEST_CASE("NULL in the joined column or in the outer one is kept from NOT IN", "[rewrite]") {
  CHECK(rewritten("anti-join-to-not-in", "SELECT u.name FROM users u LEFT JOIN orders o ON "
                                         "o.gift_for = u.id WHERE o.gift_for IS NULL") ==
        "SELECT u.name FROM users AS u WHERE u.id NOT IN (SELECT o.gift_for FROM orders AS o WHERE "
        "o.gift_for IS NOT NULL)");
  CHECK(rewritten("anti-join-to-not-in", "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = "
                                         "o.gift_for WHERE u.id IS NULL") ==
        "SELECT o.id FROM orders AS o WHERE o.gift_for IS NULL OR o.gift_for NOT IN (SELECT u.id "
        "FROM users AS u)");
}

TEST_CASE("a test of a column that partners may leave NULL is no anti join", "[rewrite]") {
  CHECK(rewritten("anti-join-to-not-in", "SELECT u.name FROM users u LEFT JOIN orders o ON "
                                         "o.user_id = u.id WHERE o.shipped_at IS NULL") == "");
}

TEST_CASE("an anti join whose table is used elsewhere stays", "[rewrite]") {
  CHECK(rewritten("anti-join-to-not-in", "SELECT u.name, o.note FROM users u LEFT JOIN orders o ON "
                                         "o.user_id = u.id WHERE o.id IS NULL") == "");
  CHECK(rewritten("anti-join-to-not-in", "SELECT * FROM users u LEFT JOIN orders o ON o.user_id = "
                                         "u.id WHERE o.id IS NULL") == "");
}

// ---- distinct-join-to-in, distinct-join-to-exists
// ------------------------------------------------

TEST_CASE("a join that only filters under DISTINCT becomes IN or EXISTS", "[rewrite]") {
  const std::string query = "SELECT DISTINCT u.name FROM users u JOIN orders o ON o.user_id = u.id "
                            "WHERE o.status = 'paid' AND u.age > 30";
  CHECK(rewritten("distinct-join-to-in", query) ==
        "SELECT DISTINCT u.name FROM users AS u WHERE u.age > 30 AND u.id IN (SELECT o.user_id "
        "FROM orders AS o WHERE o.status = 'paid')");
  CHECK(rewritten("distinct-join-to-exists", query) ==
        "SELECT DISTINCT u.name FROM users AS u WHERE u.age > 30 AND EXISTS (SELECT 1 FROM orders "
        "AS o WHERE o.user_id = u.id AND o.status = 'paid')");
}

TEST_CASE("a count of distinct values does not mind doubles either", "[rewrite]") {
  CHECK(rewritten("distinct-join-to-in",
                  "SELECT count(DISTINCT u.id) FROM orders o, users u WHERE o.user_id = u.id") ==
        "SELECT count(DISTINCT u.id) FROM users AS u WHERE u.id IN (SELECT o.user_id FROM orders "
        "AS o)");
}

TEST_CASE("a join without DISTINCT, or with a plain count, stays: doubles count", "[rewrite]") {
  CHECK(rewritten("distinct-join-to-in",
                  "SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id") == "");
  CHECK(rewritten("distinct-join-to-in", "SELECT u.country, count(*) FROM users u JOIN orders o ON "
                                         "o.user_id = u.id GROUP BY u.country") == "");
}

TEST_CASE("a joined table whose columns are selected or ordered by stays", "[rewrite]") {
  CHECK(rewritten("distinct-join-to-in",
                  "SELECT DISTINCT u.name, o.status FROM users u JOIN orders "
                  "o ON o.user_id = u.id AND u.age = o.quantity") == "");
}

TEST_CASE("an outer join under DISTINCT does not become IN: it drops no row", "[rewrite]") {
  CHECK(rewritten("distinct-join-to-in", "SELECT DISTINCT u.name FROM users u LEFT JOIN orders o "
                                         "ON o.user_id = u.id") == "");
}

// ---- unused-left-join, foreign-key-join
// ----------------------------------------------------------

TEST_CASE("an unused LEFT JOIN on a unique key is removed", "[rewrite]") {
  CHECK(rewritten("unused-left-join", "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = "
                                      "o.user_id AND u.age > 3") == "SELECT o.id FROM orders AS o");
}

TEST_CASE("an unused LEFT JOIN on many rows stays, unless doubles do not matter", "[rewrite]") {
  CHECK(rewritten("unused-left-join",
                  "SELECT u.name FROM users u LEFT JOIN orders o ON o.user_id = u.id") == "");
  CHECK(rewritten("unused-left-join",
                  "SELECT DISTINCT u.name FROM users u LEFT JOIN orders o ON o.user_id = u.id") ==
        "SELECT DISTINCT u.name FROM users AS u");
}

TEST_CASE("a LEFT JOIN whose table is read anywhere stays", "[rewrite]") {
  CHECK(rewritten("unused-left-join",
                  "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE u.age > "
                  "3") == "");
  CHECK(rewritten("unused-left-join", "SELECT * FROM orders o LEFT JOIN users u ON u.id = "
                                      "o.user_id") == "");
  CHECK(rewritten("unused-left-join",
                  "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE EXISTS "
                  "(SELECT 1 FROM orders p WHERE p.quantity = u.age)") == "");
}

TEST_CASE("an inner join along a foreign key without orphans is removed", "[rewrite]") {
  CHECK(
      rewritten("foreign-key-join", "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id") ==
      "SELECT o.id FROM orders AS o");
}

TEST_CASE("a foreign key that may be NULL leaves a condition", "[rewrite]") {
  CHECK(rewritten("foreign-key-join",
                  "SELECT o.id FROM orders o JOIN users u ON u.id = o.gift_for") ==
        "SELECT o.id FROM orders AS o WHERE o.gift_for IS NOT NULL");
}

TEST_CASE("one orphan keeps the join: SQLite does not enforce foreign keys", "[rewrite]") {
  const auto session = open_shop(
      "INSERT INTO orders VALUES (9, 77, NULL, 'p', 1, 1, 'a', '2024-01-01', NULL, NULL);");
  CHECK(rewritten("foreign-key-join", "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id",
                  *session) == "");
}

TEST_CASE("an equality that no foreign key declares keeps the join", "[rewrite]") {
  CHECK(rewritten("foreign-key-join",
                  "SELECT o.id FROM orders o JOIN users u ON u.id = o.quantity") == "");
}

TEST_CASE("a parent table that also filters stays", "[rewrite]") {
  CHECK(rewritten("foreign-key-join", "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id "
                                      "WHERE u.country = 'Spain'") == "");
}

// ---- aggregate-before-join
// -----------------------------------------------------------------------

TEST_CASE("the many side is grouped before it is joined", "[rewrite]") {
  CHECK(rewritten("aggregate-before-join",
                  "SELECT u.name, count(o.id) AS n, max(o.amount) FROM users u LEFT JOIN orders o "
                  "ON o.user_id = u.id GROUP BY u.id, u.name HAVING count(o.id) < 3") ==
        "SELECT u.name, coalesce(per_user_id.count_id, 0) AS n, per_user_id.max_amount FROM users "
        "AS u LEFT JOIN (SELECT o.user_id, count(o.id) AS count_id, max(o.amount) AS max_amount "
        "FROM orders AS o GROUP BY o.user_id) AS per_user_id ON per_user_id.user_id = u.id WHERE "
        "coalesce(per_user_id.count_id, 0) < 3");
}

TEST_CASE("count(*) over a LEFT JOIN counts the row itself and stays", "[rewrite]") {
  CHECK(rewritten("aggregate-before-join", "SELECT u.name, count(*) FROM users u LEFT JOIN orders "
                                           "o ON o.user_id = u.id GROUP BY u.id") == "");
}

TEST_CASE("groups that are not one row of the one side stay", "[rewrite]") {
  CHECK(rewritten("aggregate-before-join", "SELECT u.country, count(o.id) FROM users u JOIN orders "
                                           "o ON o.user_id = u.id GROUP BY u.country") == "");
}

TEST_CASE("an aggregate over the one side stays", "[rewrite]") {
  CHECK(rewritten("aggregate-before-join", "SELECT u.id, sum(u.age) FROM users u JOIN orders o ON "
                                           "o.user_id = u.id GROUP BY u.id") == "");
}

TEST_CASE("a WHERE on the optional side of a LEFT JOIN stays", "[rewrite]") {
  CHECK(rewritten("aggregate-before-join",
                  "SELECT u.id, sum(o.amount) FROM users u LEFT JOIN orders o ON o.user_id = u.id "
                  "WHERE o.status IS NULL GROUP BY u.id") == "");
}

// ---- needed-groups-only
// --------------------------------------------------------------------------

TEST_CASE("a grouped derived table is restricted to the keys asked for", "[rewrite]") {
  CHECK(rewritten("needed-groups-only",
                  "SELECT u.name, t.total FROM users u JOIN (SELECT user_id, sum(amount) AS total "
                  "FROM orders GROUP BY user_id) t ON t.user_id = u.id WHERE u.age > 30") ==
        "SELECT u.name, t.total FROM users AS u JOIN (SELECT orders.user_id, sum(orders.amount) AS "
        "total FROM orders WHERE orders.user_id IN (SELECT u.id FROM users AS u WHERE u.age > 30) "
        "GROUP BY orders.user_id) AS t ON t.user_id = u.id WHERE u.age > 30");
}

TEST_CASE("a derived table joined by something that is no group key stays", "[rewrite]") {
  CHECK(rewritten("needed-groups-only",
                  "SELECT u.name FROM users u JOIN (SELECT user_id, max(quantity) AS most FROM "
                  "orders GROUP BY user_id) t ON t.most = u.id WHERE u.age > 30") == "");
}

TEST_CASE("a partner without a filter, or on the optional side, restricts nothing", "[rewrite]") {
  CHECK(rewritten("needed-groups-only",
                  "SELECT u.name FROM users u JOIN (SELECT user_id, sum(amount) AS s FROM orders "
                  "GROUP BY user_id) t ON t.user_id = u.id") == "");
}

// ---- late-materialisation
// ------------------------------------------------------------------------

TEST_CASE("the top rows are found before the others are joined", "[rewrite]") {
  CHECK(rewritten("late-materialisation",
                  "SELECT o.product, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id "
                  "WHERE o.quantity > 1 ORDER BY o.amount DESC, o.id LIMIT 2") ==
        "SELECT o.product, u.name FROM (SELECT o.id, o.user_id, o.product, o.amount FROM orders AS "
        "o WHERE o.quantity > 1 ORDER BY o.amount DESC, o.id LIMIT 2) AS o LEFT JOIN users AS u ON "
        "u.id = o.user_id ORDER BY o.amount DESC, o.id");
}

TEST_CASE("an order with ties at the boundary stays", "[rewrite]") {
  CHECK(rewritten("late-materialisation",
                  "SELECT o.product, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id "
                  "ORDER BY o.amount DESC LIMIT 2") == "");
}

TEST_CASE("a join that could drop or repeat rows before LIMIT stays", "[rewrite]") {
  CHECK(rewritten("late-materialisation",
                  "SELECT u.name, o.product FROM users u LEFT JOIN orders o ON o.user_id = u.id "
                  "ORDER BY u.id LIMIT 2") == "");
  CHECK(rewritten("late-materialisation",
                  "SELECT o.product, u.name FROM orders o JOIN users u ON u.id = o.gift_for ORDER "
                  "BY o.id LIMIT 2") == "");
}

TEST_CASE("an order or a filter that reads a joined table stays", "[rewrite]") {
  CHECK(rewritten("late-materialisation",
                  "SELECT o.product, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id "
                  "WHERE u.age > 3 ORDER BY o.id LIMIT 2") == "");
  CHECK(rewritten("late-materialisation",
                  "SELECT o.product, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id "
                  "ORDER BY u.name, o.id LIMIT 2") == "");
}

// ---- or-to-union-all
// -----------------------------------------------------------------------------

TEST_CASE("an OR across tables becomes UNION ALL with a NULL-safe guard", "[rewrite]") {
  CHECK(rewritten("or-to-union-all", "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id "
                                     "WHERE u.city = 'Porto' OR o.note = 'y'") ==
        "SELECT o.id FROM orders AS o JOIN users AS u ON u.id = o.user_id WHERE u.city = 'Porto' "
        "UNION ALL SELECT o.id FROM orders AS o JOIN users AS u ON u.id = o.user_id WHERE o.note = "
        "'y' AND NOT coalesce(u.city = 'Porto', 0)");
}

TEST_CASE("an OR within one table, under DISTINCT, or before LIMIT stays", "[rewrite]") {
  CHECK(rewritten("or-to-union-all", "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id "
                                     "WHERE o.status = 'a' OR o.note = 'y'") == "");
  CHECK(rewritten("or-to-union-all", "SELECT DISTINCT o.id FROM orders o JOIN users u ON u.id = "
                                     "o.user_id WHERE u.city = 'P' OR o.note = 'y'") == "");
  CHECK(rewritten("or-to-union-all",
                  "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.city = 'P' "
                  "OR o.note = 'y' ORDER BY o.id LIMIT 1") == "");
}

TEST_CASE("an OR of a grouped block or of an outer join stays", "[rewrite]") {
  CHECK(rewritten("or-to-union-all", "SELECT count(*) FROM orders o JOIN users u ON u.id = "
                                     "o.user_id WHERE u.city = 'P' OR o.note = 'y'") == "");
  CHECK(rewritten("or-to-union-all", "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = "
                                     "o.user_id WHERE u.city = 'P' OR o.note = 'y'") == "");
}
