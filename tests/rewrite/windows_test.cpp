#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill::rewrite::tests;

TEST_CASE("an aggregate over the row's own group becomes a window with the sub-query's filter",
          "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-window",
                  "SELECT id FROM orders o WHERE amount > (SELECT avg(p.amount) FROM orders p "
                  "WHERE p.user_id = o.user_id AND p.status = 'paid')") ==
        "SELECT o.id FROM (SELECT o.id, o.amount, avg(o.amount) FILTER (WHERE o.status "
        "= 'paid') OVER (PARTITION BY o.user_id) AS group_avg_amount FROM orders AS o) "
        "AS o WHERE o.amount > o.group_avg_amount");
}

TEST_CASE("a NULL key has no group: count is 0, not that of the NULLs", "[rewrite]") {
  CHECK(rewritten("scalar-aggregate-to-window",
                  "SELECT id, (SELECT count(*) FROM orders p WHERE p.gift_for = o.gift_for) FROM "
                  "orders o") ==
        "SELECT o.id, o.group_row_count FROM (SELECT o.id, CASE WHEN o.gift_for IS NOT "
        "NULL THEN count(*) OVER (PARTITION BY o.gift_for) ELSE 0 END AS "
        "group_row_count FROM orders AS o) AS o");
}

TEST_CASE("a rank by counting becomes a window that leaves ties out", "[rewrite]") {
  CHECK(rewritten("running-aggregate-to-window",
                  "SELECT id, (SELECT count(*) FROM orders p WHERE p.user_id = o.user_id AND "
                  "p.quantity > o.quantity) + 1 AS place FROM orders o") ==
        "SELECT o.id, o.running_row_count + 1 AS place FROM (SELECT o.id, count(*) "
        "OVER (PARTITION BY o.user_id ORDER BY o.quantity DESC GROUPS BETWEEN "
        "UNBOUNDED PRECEDING AND 1 PRECEDING) AS running_row_count FROM orders AS o) "
        "AS o");
}

TEST_CASE("a running sum by a sub-query becomes a window", "[rewrite]") {
  CHECK(rewritten("running-aggregate-to-window",
                  "SELECT id, (SELECT sum(p.amount) FROM orders p WHERE p.id <= o.id) FROM "
                  "orders o") ==
        "SELECT o.id, o.running_sum_amount FROM (SELECT o.id, sum(o.amount) OVER "
        "(ORDER BY o.id) AS running_sum_amount FROM orders AS o) AS o");
}

TEST_CASE("counting different greater values is the rank without gaps", "[rewrite]") {
  CHECK(rewritten("running-aggregate-to-window",
                  "SELECT id, (SELECT count(DISTINCT p.quantity) FROM orders p WHERE p.quantity "
                  "> o.quantity) FROM orders o") ==
        "SELECT o.id, o.running_count_quantity FROM (SELECT o.id, dense_rank() OVER "
        "(ORDER BY o.quantity DESC NULLS LAST) - 1 AS running_count_quantity FROM "
        "orders AS o) AS o");
}

TEST_CASE("a comparison of different columns is no order, and stays", "[rewrite]") {
  CHECK(rewritten("running-aggregate-to-window",
                  "SELECT id, (SELECT count(*) FROM orders p WHERE p.quantity > o.amount) FROM "
                  "orders o") == "");
}

TEST_CASE("NOT EXISTS a newer row becomes a window", "[rewrite]") {
  CHECK(rewritten("newer-row-to-window",
                  "SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM orders p WHERE "
                  "p.user_id = o.user_id AND p.created_at > o.created_at)") ==
        "SELECT o.id FROM (SELECT o.id, count(*) OVER (PARTITION BY o.user_id ORDER BY "
        "o.created_at DESC GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "
        "running_row_count FROM orders AS o) AS o WHERE o.running_row_count = 0");
}

TEST_CASE("LEFT JOIN a newer row IS NULL becomes a window", "[rewrite]") {
  CHECK(rewritten("newer-row-to-window",
                  "SELECT a.id FROM orders a LEFT JOIN orders b ON b.user_id = a.user_id AND "
                  "b.created_at > a.created_at WHERE b.id IS NULL") ==
        "SELECT a.id FROM (SELECT a.id, count(*) OVER (PARTITION BY a.user_id ORDER BY "
        "a.created_at DESC GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "
        "running_row_count FROM orders AS a) AS a WHERE a.running_row_count = 0");
}

TEST_CASE("an anti-join that asks a column which may be NULL stays", "[rewrite]") {
  CHECK(rewritten("newer-row-to-window",
                  "SELECT a.id FROM orders a LEFT JOIN orders b ON b.user_id = a.user_id AND "
                  "b.created_at > a.created_at WHERE b.note IS NULL") == "");
}

TEST_CASE("a running sum by self-join becomes a window", "[rewrite]") {
  CHECK(rewritten("self-join-to-window",
                  "SELECT p.id, sum(q.amount) FROM orders p JOIN orders q ON q.user_id = "
                  "p.user_id AND q.id <= p.id GROUP BY p.id") ==
        "SELECT p.id, p.running_sum_amount FROM (SELECT p.id, sum(p.amount) OVER "
        "(PARTITION BY p.user_id ORDER BY p.id) AS running_sum_amount FROM orders AS "
        "p) AS p");
}

TEST_CASE("a self-join that leaves the row itself out stays: the first row would be lost",
          "[rewrite]") {
  CHECK(rewritten("self-join-to-window",
                  "SELECT p.id, sum(q.amount) FROM orders p JOIN orders q ON q.user_id = "
                  "p.user_id AND q.id < p.id GROUP BY p.id") == "");
}

TEST_CASE("a self-join grouped by more than a row stays", "[rewrite]") {
  CHECK(rewritten("self-join-to-window",
                  "SELECT p.user_id, sum(q.amount) FROM orders p JOIN orders q ON q.user_id = "
                  "p.user_id AND q.id <= p.id GROUP BY p.user_id") == "");
}

TEST_CASE("pairs of rows with one key are counted by group sizes", "[rewrite]") {
  CHECK(rewritten("self-pairs-to-groups",
                  "SELECT count(*) FROM orders a JOIN orders b ON b.gift_for = a.gift_for AND "
                  "a.id < b.id") ==
        "SELECT coalesce(sum(per_gift_for.n * (per_gift_for.n - 1) / 2), 0) FROM "
        "(SELECT count(*) AS n FROM orders WHERE gift_for IS NOT NULL GROUP BY "
        "gift_for) AS per_gift_for");
}

TEST_CASE("pairs by group keep their key", "[rewrite]") {
  CHECK(rewritten("self-pairs-to-groups",
                  "SELECT a.status, count(*) AS n FROM orders a JOIN orders b ON b.status = "
                  "a.status AND a.id < b.id GROUP BY a.status ORDER BY n") ==
        "SELECT per_status.status, per_status.n_2 * (per_status.n_2 - 1) / 2 AS n FROM "
        "(SELECT status, count(*) AS n_2 FROM orders GROUP BY status) AS per_status "
        "WHERE per_status.n_2 > 1 ORDER BY n");
}

TEST_CASE("pairs ordered by a column with ties stay: ties are no pairs", "[rewrite]") {
  CHECK(rewritten("self-pairs-to-groups",
                  "SELECT count(*) FROM orders a JOIN orders b ON b.gift_for = a.gift_for AND "
                  "a.quantity < b.quantity") == "");
}
