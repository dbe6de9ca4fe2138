#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill::rewrite::tests;

// ---- count-to-exists
// -----------------------------------------------------------------------------

TEST_CASE("a count that only asks for any becomes EXISTS", "[rewrite]") {
  const std::string exists = "SELECT name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders AS o "
                             "WHERE o.user_id = u.id)";
  for (const char* asks : {"> 0", ">= 1", "<> 0"}) {
    INFO(asks);
    CHECK(rewritten("count-to-exists",
                    "SELECT name FROM users AS u WHERE (SELECT count(*) FROM orders AS o WHERE "
                    "o.user_id = u.id) " +
                        std::string(asks)) == exists);
  }
  CHECK(rewritten("count-to-exists", "SELECT name FROM users AS u WHERE 0 < (SELECT count(*) FROM "
                                     "orders AS o WHERE o.user_id = u.id)") == exists);
}

TEST_CASE("a count that asks for none becomes NOT EXISTS", "[rewrite]") {
  CHECK(rewritten("count-to-exists", "SELECT name FROM users AS u WHERE (SELECT count(*) FROM "
                                     "orders AS o WHERE o.user_id = u.id) = 0") ==
        "SELECT name FROM users AS u WHERE NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.user_id = "
        "u.id)");
}

TEST_CASE("a count of a column asks for a row where it is not NULL", "[rewrite]") {
  CHECK(rewritten("count-to-exists", "SELECT name FROM users AS u WHERE (SELECT count(shipped_at) "
                                     "FROM orders WHERE user_id = u.id) > 0") ==
        "SELECT name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = u.id AND "
        "shipped_at IS NOT NULL)");
}

TEST_CASE("a count whose number matters stays", "[rewrite]") {
  for (const char* asks : {"> 1", "= 1", "<= 1", "< 0"})
    CHECK(rewritten("count-to-exists", "SELECT name FROM users AS u WHERE (SELECT count(*) FROM "
                                       "orders WHERE user_id = u.id) " +
                                           std::string(asks)) == "");
}

TEST_CASE("a grouped count stays: it may give no row at all", "[rewrite]") {
  CHECK(rewritten("count-to-exists",
                  "SELECT name FROM users AS u WHERE (SELECT count(*) FROM orders WHERE user_id = "
                  "u.id GROUP BY status) > 0") == "");
}

// ---- exists-to-in
// --------------------------------------------------------------------------------

TEST_CASE("a correlated EXISTS becomes IN", "[rewrite]") {
  CHECK(rewritten("exists-to-in",
                  "SELECT name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders AS o WHERE "
                  "o.user_id = u.id AND o.status = 'paid' LIMIT 1)") ==
        "SELECT name FROM users AS u WHERE u.id IN (SELECT o.user_id FROM orders AS o WHERE "
        "o.status = 'paid')");
}

TEST_CASE("NOT EXISTS becomes a plain NOT IN where no side can be NULL", "[rewrite]") {
  CHECK(rewritten("exists-to-in", "SELECT name FROM users AS u WHERE NOT EXISTS (SELECT 1 FROM "
                                  "orders AS o WHERE o.user_id = u.id)") ==
        "SELECT name FROM users AS u WHERE u.id NOT IN (SELECT o.user_id FROM orders AS o)");
}

TEST_CASE("NOT EXISTS keeps its answer when the inner or outer column can be NULL", "[rewrite]") {
  CHECK(rewritten("exists-to-in", "SELECT name FROM users AS u WHERE NOT EXISTS (SELECT 1 FROM "
                                  "orders AS o WHERE o.gift_for = u.id)") ==
        "SELECT name FROM users AS u WHERE u.id NOT IN (SELECT o.gift_for FROM orders AS o WHERE "
        "o.gift_for IS NOT NULL)");
  CHECK(rewritten("exists-to-in", "SELECT product FROM orders AS o WHERE NOT EXISTS (SELECT 1 FROM "
                                  "users AS u WHERE u.id = o.gift_for)") ==
        "SELECT product FROM orders AS o WHERE o.gift_for IS NULL OR o.gift_for NOT IN (SELECT "
        "u.id FROM users AS u)");
}

TEST_CASE("EXISTS tied by more than equality stays", "[rewrite]") {
  CHECK(rewritten("exists-to-in",
                  "SELECT name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders AS o WHERE "
                  "o.user_id = u.id AND o.quantity > u.age)") == "");
}

TEST_CASE("EXISTS tied over columns of different kinds or collations stays", "[rewrite]") {
  CHECK(rewritten("exists-to-in", "SELECT name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders "
                                  "AS o WHERE o.product = u.age)") == "");
  CHECK(rewritten("exists-to-in", "SELECT name FROM users AS u WHERE EXISTS (SELECT 1 FROM orders "
                                  "AS o WHERE o.product = u.nick)") == "");
}

TEST_CASE("EXISTS over an aggregate stays: that gives a row always", "[rewrite]") {
  CHECK(rewritten("exists-to-in", "SELECT name FROM users AS u WHERE EXISTS (SELECT max(o.id) FROM "
                                  "orders AS o WHERE o.user_id = u.id)") == "");
}

TEST_CASE("an uncorrelated EXISTS stays", "[rewrite]") {
  CHECK(rewritten("exists-to-in", "SELECT name FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE "
                                  "status = 'paid')") == "");
}

TEST_CASE("EXISTS outside of WHERE stays: there NULL and false differ", "[rewrite]") {
  CHECK(rewritten("exists-to-in", "SELECT EXISTS (SELECT 1 FROM orders AS o WHERE o.gift_for = "
                                  "u.id) FROM users AS u") == "");
}

// ---- in-to-exists, in-to-join
// --------------------------------------------------------------------

TEST_CASE("IN over a sub-query becomes EXISTS", "[rewrite]") {
  CHECK(rewritten("in-to-exists", "SELECT name FROM users WHERE id IN (SELECT user_id FROM orders "
                                  "WHERE status = 'paid')") ==
        "SELECT users.name FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE orders.user_id = "
        "users.id AND orders.status = 'paid')");
}

TEST_CASE("IN stays where EXISTS would capture the outer name, or for NOT IN", "[rewrite]") {
  CHECK(rewritten("in-to-exists",
                  "SELECT id FROM orders WHERE user_id IN (SELECT user_id FROM orders)") == "");
  CHECK(rewritten("in-to-exists",
                  "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders)") == "");
}

TEST_CASE("IN over a unique key becomes a join", "[rewrite]") {
  CHECK(rewritten("in-to-join", "SELECT product FROM orders WHERE user_id IN (SELECT id FROM users "
                                "WHERE country = 'Spain') AND quantity > 1") ==
        "SELECT orders.product FROM orders JOIN users ON users.id = orders.user_id WHERE "
        "users.country = 'Spain' AND orders.quantity > 1");
}

TEST_CASE("a star stays a star of the table it stood for", "[rewrite]") {
  CHECK(rewritten("in-to-join", "SELECT * FROM orders WHERE user_id IN (SELECT id FROM users)") ==
        "SELECT orders.* FROM orders JOIN users ON users.id = orders.user_id");
}

TEST_CASE("a table that is there already is joined under another name", "[rewrite]") {
  CHECK(rewritten("in-to-join", "SELECT name FROM users WHERE id IN (SELECT id FROM users WHERE "
                                "age > 30)") ==
        "SELECT users.name FROM users JOIN users AS users_2 ON users_2.id = users.id WHERE "
        "users_2.age > 30");
}

TEST_CASE("IN over a column that may repeat does not become a join", "[rewrite]") {
  CHECK(rewritten("in-to-join",
                  "SELECT name FROM users WHERE id IN (SELECT user_id FROM orders)") == "");
}

// ---- scalar-aggregate-to-join
// --------------------------------------------------------------------

TEST_CASE("scalar aggregates over the same rows share one grouped join", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS n, "
                  "(SELECT sum(o.amount) FROM orders o WHERE o.user_id = u.id) AS spent FROM users "
                  "u") ==
        "SELECT u.name, coalesce(per_user_id.row_count, 0) AS n, per_user_id.sum_amount AS spent "
        "FROM users AS u LEFT JOIN (SELECT o.user_id, count(*) AS row_count, sum(o.amount) AS "
        "sum_amount FROM orders AS o GROUP BY o.user_id) AS per_user_id ON per_user_id.user_id = "
        "u.id");
}

TEST_CASE("an average that WHERE compares is joined inside: NULL was dropped", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT o.id FROM orders o WHERE o.amount > (SELECT avg(p.amount) FROM orders p "
                  "WHERE p.user_id = o.user_id AND p.status = 'paid')") ==
        "SELECT o.id FROM orders AS o JOIN (SELECT p.user_id, avg(p.amount) AS avg_amount FROM "
        "orders AS p WHERE p.status = 'paid' GROUP BY p.user_id) AS per_user_id ON "
        "per_user_id.user_id = o.user_id WHERE o.amount > per_user_id.avg_amount");
}

TEST_CASE("a compared count is joined outside and stays 0 without rows", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.name FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id "
                  "= u.id) < 2") ==
        "SELECT u.name FROM users AS u LEFT JOIN (SELECT o.user_id, count(*) AS row_count FROM "
        "orders AS o GROUP BY o.user_id) AS per_user_id ON per_user_id.user_id = u.id WHERE "
        "coalesce(per_user_id.row_count, 0) < 2");
}

TEST_CASE("a sum is never coalesced: without rows it stays NULL", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.name FROM users u WHERE (SELECT sum(o.amount) FROM orders o WHERE "
                  "o.user_id = u.id) IS NULL") ==
        "SELECT u.name FROM users AS u LEFT JOIN (SELECT o.user_id, sum(o.amount) AS sum_amount "
        "FROM orders AS o GROUP BY o.user_id) AS per_user_id ON per_user_id.user_id = u.id WHERE "
        "per_user_id.sum_amount IS NULL");
}

TEST_CASE("a scalar aggregate under OR is joined outside", "[rewrite]") {
  const auto after = rewritten("scalar-aggregate-to-join",
                               "SELECT u.name FROM users u WHERE u.age > 30 OR u.age > (SELECT "
                               "max(o.quantity) FROM orders o WHERE o.user_id = u.id)");
  CHECK(after.find("LEFT JOIN") != std::string::npos);
}

TEST_CASE("a scalar that depends on order, or is tied by a range, stays", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.name, (SELECT group_concat(o.product) FROM orders o WHERE o.user_id = "
                  "u.id) FROM users u") == "");
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT o.id, (SELECT count(*) FROM orders p WHERE p.user_id = o.user_id AND "
                  "p.created_at <= o.created_at) FROM orders o") == "");
}

TEST_CASE("a scalar with a column beside its aggregate stays", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.name, (SELECT o.product || max(o.amount) FROM orders o WHERE o.user_id "
                  "= u.id) FROM users u") == "");
}

TEST_CASE("a scalar in the items of a grouped block stays", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.country, max((SELECT count(*) FROM orders o WHERE o.user_id = u.id)) "
                  "FROM users u GROUP BY u.country") == "");
}

TEST_CASE("a scalar tied over a NOCASE column stays: groups and equality differ", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-join",
                  "SELECT u.id, (SELECT count(*) FROM users v WHERE v.nick = u.nick) FROM users "
                  "u") == "");
}

// ---- greatest-per-group-to-in
// --------------------------------------------------------------------

TEST_CASE("the latest row of each group is found by IN over groups", "[rewrite]") {
  CHECK(rewritten("greatest-per-group-to-in",
                  "SELECT o.id FROM orders o WHERE o.created_at = (SELECT max(p.created_at) FROM "
                  "orders p WHERE p.user_id = o.user_id)") ==
        "SELECT o.id FROM orders AS o WHERE (o.user_id, o.created_at) IN (SELECT p.user_id, "
        "max(p.created_at) FROM orders AS p GROUP BY p.user_id)");
}

TEST_CASE("an average is no row's value by intent and stays", "[rewrite]") {
  CHECK(rewritten("greatest-per-group-to-in",
                  "SELECT o.id FROM orders o WHERE o.amount = (SELECT avg(p.amount) FROM orders p "
                  "WHERE p.user_id = o.user_id)") == "");
}

TEST_CASE("the latest by another comparison or across kinds stays", "[rewrite]") {
  CHECK(rewritten("greatest-per-group-to-in",
                  "SELECT o.id FROM orders o WHERE o.created_at >= (SELECT max(p.created_at) FROM "
                  "orders p WHERE p.user_id = o.user_id)") == "");
  CHECK(rewritten("greatest-per-group-to-in",
                  "SELECT o.id FROM orders o WHERE o.created_at = (SELECT max(p.quantity) FROM "
                  "orders p WHERE p.user_id = o.user_id)") == "");
}

// ---- scalar-scans-to-one, min-max-split
// ----------------------------------------------------------

TEST_CASE("several scans of one table become one, shared conditions in WHERE", "[rewrite]") {
  CHECK(rewritten("scalar-scans-to-one",
                  "SELECT (SELECT count(*) FROM orders WHERE quantity > 1 AND status = 'paid') AS "
                  "paid, (SELECT sum(amount) FROM orders WHERE quantity > 1) AS all_of") ==
        "SELECT count(*) FILTER (WHERE status = 'paid') AS paid, sum(amount) AS all_of FROM orders "
        "WHERE quantity > 1");
}

TEST_CASE("scans of different tables, or one scan, stay", "[rewrite]") {
  CHECK(rewritten("scalar-scans-to-one",
                  "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM users)") == "");
  CHECK(rewritten("scalar-scans-to-one", "SELECT (SELECT count(*) FROM orders)") == "");
}

TEST_CASE("a scan that is grouped or takes a single row stays", "[rewrite]") {
  CHECK(rewritten("scalar-scans-to-one",
                  "SELECT (SELECT count(*) FROM orders), (SELECT product FROM orders ORDER BY id "
                  "LIMIT 1)") == "");
  CHECK(rewritten("scalar-scans-to-one",
                  "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM orders GROUP BY "
                  "status ORDER BY 1 LIMIT 1)") == "");
}

TEST_CASE("min and max together become two sub-queries", "[rewrite]") {
  CHECK(rewritten("min-max-split",
                  "SELECT min(amount), max(amount) FROM orders WHERE status = 'paid'") ==
        "SELECT (SELECT min(amount) FROM orders WHERE status = 'paid'), (SELECT max(amount) FROM "
        "orders WHERE status = 'paid')");
}

TEST_CASE("min and max with a count, a group, or alone stay", "[rewrite]") {
  CHECK(rewritten("min-max-split", "SELECT min(amount), max(amount), count(*) FROM orders") == "");
  CHECK(rewritten("min-max-split", "SELECT min(amount), max(amount) FROM orders GROUP BY status") ==
        "");
  CHECK(rewritten("min-max-split", "SELECT max(amount) FROM orders") == "");
}
