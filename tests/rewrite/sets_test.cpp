#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill::rewrite::tests;
using quill::sql::Needs;

// ---- redundant-distinct
// --------------------------------------------------------------------------

TEST_CASE("DISTINCT over a key is dropped", "[rewrite]") {
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT id, name FROM users") ==
        "SELECT id, name FROM users");
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT * FROM users") == "SELECT * FROM users");
}

TEST_CASE("DISTINCT is dropped when the key fixes the joined row too", "[rewrite]") {
  CHECK(rewritten("redundant-distinct",
                  "SELECT DISTINCT o.id, u.name FROM orders o LEFT JOIN users "
                  "u ON u.id = o.user_id") ==
        "SELECT o.id, u.name FROM orders AS o LEFT JOIN users AS u ON u.id = o.user_id");
}

TEST_CASE("DISTINCT over all group keys is dropped", "[rewrite]") {
  CHECK(rewritten("redundant-distinct",
                  "SELECT DISTINCT status, count(*) FROM orders GROUP BY status") ==
        "SELECT status, count(*) FROM orders GROUP BY status");
}

TEST_CASE("DISTINCT without a key, or with the key of one side of many, stays", "[rewrite]") {
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT name FROM users") == "");
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT u.id FROM users u JOIN orders o ON "
                                        "o.user_id = u.id") == "");
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT count(*) FROM orders GROUP BY status") ==
        "");
}

TEST_CASE("a unique column that does not mind case is no key for DISTINCT", "[rewrite]") {
  const auto session =
      open_shop("CREATE TABLE tags (name TEXT COLLATE NOCASE NOT NULL, UNIQUE (name "
                "COLLATE BINARY));INSERT INTO tags VALUES ('a'), ('A');");
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT name FROM tags", *session) == "");
}

TEST_CASE("the key of an optional row fixes nothing on the other side", "[rewrite]") {
  // two orders without a friend both give NULL
  CHECK(rewritten("redundant-distinct", "SELECT DISTINCT u.id FROM orders o LEFT JOIN users u ON "
                                        "u.id = o.gift_for AND o.id = u.age") == "");
}

// ---- inner-order-by
// ------------------------------------------------------------------------------

TEST_CASE("ORDER BY in a derived table is dropped, the outermost stays", "[rewrite]") {
  CHECK(rewritten("inner-order-by", "SELECT t.id FROM (SELECT id FROM users ORDER BY name) t WHERE "
                                    "t.id IN (SELECT user_id FROM orders ORDER BY id) ORDER BY "
                                    "t.id") ==
        "SELECT t.id FROM (SELECT id FROM users) AS t WHERE t.id IN (SELECT user_id FROM orders) "
        "ORDER BY t.id");
}

TEST_CASE("ORDER BY that chooses rows by LIMIT stays", "[rewrite]") {
  CHECK(rewritten("inner-order-by",
                  "SELECT t.id FROM (SELECT id FROM users ORDER BY name LIMIT 2) t") == "");
  CHECK(rewritten("inner-order-by", "SELECT (SELECT product FROM orders ORDER BY id) AS first") ==
        "");
}

TEST_CASE("ORDER BY stays below a LIMIT that could cut between ties", "[rewrite]") {
  CHECK(rewritten("inner-order-by", "SELECT t.id FROM (SELECT id, age FROM users ORDER BY name) t "
                                    "ORDER BY t.age LIMIT 1") == "");
}

TEST_CASE("ORDER BY that feeds group_concat or a window stays", "[rewrite]") {
  CHECK(rewritten("inner-order-by",
                  "SELECT group_concat(t.name) FROM (SELECT name FROM users ORDER BY id) t") == "");
  CHECK(rewritten("inner-order-by", "SELECT row_number() OVER () FROM (SELECT name FROM users "
                                    "ORDER BY id) t") == "");
}

// ---- union-to-union-all, set-operation-to-predicate
// ----------------------------------------------

TEST_CASE("UNION of arms that cannot share a row becomes UNION ALL", "[rewrite]") {
  CHECK(rewritten("union-to-union-all",
                  "SELECT id, 'user' FROM users UNION SELECT id, 'order' FROM orders") ==
        "SELECT id, 'user' FROM users UNION ALL SELECT id, 'order' FROM orders");
  CHECK(rewritten("union-to-union-all", "SELECT id FROM orders WHERE status = 'a' UNION SELECT id "
                                        "FROM orders WHERE status = 'b'") ==
        "SELECT id FROM orders WHERE status = 'a' UNION ALL SELECT id FROM orders WHERE status = "
        "'b'");
}

TEST_CASE("UNION of arms that may share or repeat a row stays", "[rewrite]") {
  CHECK(rewritten("union-to-union-all", "SELECT id FROM users UNION SELECT id FROM orders") == "");
  CHECK(rewritten("union-to-union-all", "SELECT name, 'a' FROM users UNION SELECT product, 'b' "
                                        "FROM orders") == "");
  CHECK(rewritten("union-to-union-all", "SELECT id FROM orders WHERE status = 'a' UNION SELECT id "
                                        "FROM orders WHERE quantity = 1") == "");
}

TEST_CASE("UNION over one table becomes one scan with OR", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT id FROM orders WHERE quantity > 1 AND status = 'a' UNION SELECT id FROM "
                  "orders WHERE quantity > 1 AND note = 'y'") ==
        "SELECT id FROM orders WHERE quantity > 1 AND (status = 'a' OR note = 'y')");
}

TEST_CASE("UNION over one table keeps DISTINCT where rows can repeat", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT product FROM orders WHERE status = 'a' UNION SELECT product FROM orders "
                  "WHERE note = 'y' ORDER BY product") ==
        "SELECT DISTINCT product FROM orders WHERE status = 'a' OR note = 'y' ORDER BY product");
}

TEST_CASE("UNION ALL becomes OR only where no row is in two arms", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT product FROM orders WHERE status = 'a' UNION ALL SELECT product FROM "
                  "orders WHERE status = 'b'") ==
        "SELECT product FROM orders WHERE status = 'a' OR status = 'b'");
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT product FROM orders WHERE status = 'a' UNION ALL SELECT product FROM "
                  "orders WHERE note = 'y'") == "");
}

TEST_CASE("INTERSECT and EXCEPT over a key become AND and a NULL-safe AND NOT", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT id FROM orders WHERE status = 'a' INTERSECT SELECT id FROM orders WHERE "
                  "note = 'y'") == "SELECT id FROM orders WHERE status = 'a' AND note = 'y'");
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT id FROM orders WHERE status = 'a' EXCEPT SELECT id FROM orders WHERE "
                  "note = 'y'") ==
        "SELECT id FROM orders WHERE status = 'a' AND NOT coalesce(note = 'y', 0)");
}

TEST_CASE("EXCEPT over rows that can repeat stays", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT product FROM orders WHERE status = 'a' EXCEPT SELECT product FROM orders "
                  "WHERE note = 'y'") == "");
}

TEST_CASE("arms that read other tables, other items or aggregates stay", "[rewrite]") {
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT id FROM orders UNION SELECT id FROM users") == "");
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT id FROM orders UNION SELECT user_id FROM orders") == "");
  CHECK(rewritten("set-operation-to-predicate",
                  "SELECT count(*) FROM orders WHERE status = 'a' UNION SELECT count(*) FROM "
                  "orders WHERE status = 'b'") == "");
}

// ---- columns and rows
// ----------------------------------------------------------------------------

TEST_CASE("columns of a derived table that nobody reads are dropped", "[rewrite]") {
  CHECK(rewritten("unused-inner-columns",
                  "SELECT t.n FROM (SELECT user_id, count(*) AS n, group_concat(product) AS all_of "
                  "FROM orders GROUP BY user_id) t WHERE t.user_id > 1") ==
        "SELECT t.n FROM (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) AS t WHERE "
        "t.user_id > 1");
}

TEST_CASE("columns decide what DISTINCT and UNION find double, and stay there", "[rewrite]") {
  CHECK(rewritten("unused-inner-columns",
                  "SELECT t.status FROM (SELECT DISTINCT status, note FROM orders) t") == "");
  CHECK(rewritten("unused-inner-columns",
                  "SELECT t.status FROM (SELECT status, note FROM orders UNION SELECT status, "
                  "product FROM orders) t") == "");
}

TEST_CASE("a column that orders its derived table by name stays", "[rewrite]") {
  CHECK(rewritten("unused-inner-columns",
                  "SELECT t.id FROM (SELECT id, quantity * 2 AS twice FROM orders ORDER BY twice, "
                  "id LIMIT 2) t") == "");
}

TEST_CASE("the last aggregate of an ungrouped derived table stays", "[rewrite]") {
  CHECK(rewritten("unused-inner-columns",
                  "SELECT t.one FROM (SELECT 1 AS one, count(*) AS n FROM orders) t") == "");
}

TEST_CASE("only declared columns are selected", "[rewrite]") {
  const Needs needs{{"product", "amount"}, {}};
  CHECK(rewritten("unneeded-columns", "SELECT * FROM orders WHERE quantity > 1", shop(), needs) ==
        "SELECT product, amount FROM orders WHERE quantity > 1");
  CHECK(rewritten("unneeded-columns", "SELECT * FROM orders WHERE quantity > 1") == "");
}

TEST_CASE("columns stay when dropping one would change rows or order", "[rewrite]") {
  const Needs needs{{"product"}, {}};
  CHECK(rewritten("unneeded-columns", "SELECT DISTINCT product, status FROM orders", shop(),
                  needs) == "");
  CHECK(rewritten("unneeded-columns",
                  "SELECT product, quantity * 2 AS twice FROM orders ORDER BY "
                  "twice",
                  shop(), needs) == "");
  CHECK(rewritten("unneeded-columns", "SELECT status, product FROM orders ORDER BY 1", shop(),
                  needs) == "");
  CHECK(rewritten("unneeded-columns", "SELECT product FROM orders UNION SELECT name FROM users",
                  shop(), needs) == "");
}

TEST_CASE("a needed column that is not there, or there twice, keeps them all", "[rewrite]") {
  CHECK(rewritten("unneeded-columns", "SELECT product, status FROM orders", shop(),
                  {{"price"}, {}}) == "");
  CHECK(rewritten("unneeded-columns",
                  "SELECT o.id, u.id, o.note FROM orders o JOIN users u ON u.id = o.user_id",
                  shop(), {{"id"}, {}}) == "");
}

TEST_CASE("LIMIT is added where only the top rows are needed", "[rewrite]") {
  const Needs needs{{}, 10};
  CHECK(rewritten("unneeded-rows", "SELECT id FROM orders ORDER BY amount DESC", shop(), needs) ==
        "SELECT id FROM orders ORDER BY amount DESC LIMIT 10");
  CHECK(rewritten("unneeded-rows", "SELECT id FROM orders ORDER BY amount DESC LIMIT 50", shop(),
                  needs) == "SELECT id FROM orders ORDER BY amount DESC LIMIT 10");
}

TEST_CASE("no LIMIT is added without order, need, or when a smaller one is there", "[rewrite]") {
  CHECK(rewritten("unneeded-rows", "SELECT id FROM orders", shop(), {{}, 10}) == "");
  CHECK(rewritten("unneeded-rows", "SELECT id FROM orders ORDER BY id") == "");
  CHECK(rewritten("unneeded-rows", "SELECT id FROM orders ORDER BY id LIMIT 5", shop(), {{}, 10}) ==
        "");
}
