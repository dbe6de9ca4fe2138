#include "quill/rewrite/optimisation.hpp"

#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

Optimisation found(const char* before, const char* after, std::vector<std::string> indexes = {}) {
  return find_optimisation({"", before, after, std::move(indexes), {}}, shop());
}

struct Written {
  const char *before, *after, *type, *rule;
};

} // namespace

TEST_CASE("a rule that gives after itself is found exactly", "[rewrite]") {
  const auto one = found("SELECT id FROM orders WHERE status = 'paid' OR status = 'open'",
                         "select id from orders where status in ('paid', 'open')");
  CHECK(one.rule == "or-chain-to-in");
  CHECK(one.type == "redundancy");
  CHECK(one.exact);
}

TEST_CASE("two rules one after another are found", "[rewrite]") {
  const auto one =
      found("SELECT name FROM users AS u WHERE (SELECT count(*) FROM orders AS o WHERE "
            "o.user_id = u.id) > 0",
            "SELECT name FROM users AS u WHERE u.id IN (SELECT o.user_id FROM orders "
            "AS o)");
  CHECK(one.rule == "count-to-exists+exists-to-in");
  CHECK(one.type == "join");
  CHECK(one.exact);
}

TEST_CASE("what a model wrote in its own words is told by structure", "[rewrite]") {
  const Written all[] = {
      {"SELECT o.id FROM orders o WHERE o.amount > (SELECT avg(p.amount) FROM orders p WHERE "
       "p.user_id = o.user_id)",
       "WITH mean AS (SELECT user_id, avg(amount) AS m FROM orders GROUP BY user_id) SELECT o.id "
       "FROM orders o JOIN mean ON mean.user_id = o.user_id WHERE o.amount > mean.m",
       "join", "scalar-aggregate-to-join"},
      {"SELECT o.id FROM orders o WHERE o.amount > (SELECT avg(p.amount) FROM orders p WHERE "
       "p.user_id = o.user_id)",
       "SELECT id FROM (SELECT id, amount, avg(amount) OVER (PARTITION BY user_id) AS m FROM "
       "orders) WHERE amount > m",
       "join", "scalar-aggregate-to-window"},
      {"SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM orders p WHERE p.user_id = "
       "o.user_id AND p.created_at > o.created_at)",
       "SELECT id FROM (SELECT id, rank() OVER (PARTITION BY user_id ORDER BY created_at DESC) AS "
       "r "
       "FROM orders) t WHERE t.r = 1",
       "join", "newer-row-to-window"},
      {"SELECT name FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)",
       "SELECT u.name FROM users u LEFT JOIN orders x ON x.user_id = u.id WHERE x.user_id IS NULL",
       "join", "not-exists-to-anti-join"},
      {"SELECT name FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 0",
       "SELECT name FROM users x WHERE EXISTS (SELECT * FROM orders y WHERE x.id = y.user_id)",
       "join", "count-to-exists"},
      {"SELECT id FROM orders WHERE date(created_at) = '2024-03-14'",
       "SELECT id FROM orders WHERE created_at >= '2024-03-14 00:00:00' AND created_at < "
       "'2024-03-15 00:00:00'",
       "redundancy", "date-function-to-range"},
      {"SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.city = 'Porto' OR "
       "o.status = 'open'",
       "SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.city = 'Porto' UNION "
       "SELECT o.id FROM orders o WHERE o.status = 'open'",
       "join", "or-to-union-all"},
      {"SELECT DISTINCT u.name FROM users u JOIN orders o ON o.user_id = u.id WHERE o.status = "
       "'paid'",
       "SELECT DISTINCT name FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE orders.user_id = "
       "users.id AND orders.status = 'paid')",
       "join", "distinct-join-to-exists"},
      {"SELECT (SELECT count(*) FROM orders WHERE status = 'paid'), (SELECT count(*) FROM orders "
       "WHERE status = 'open')",
       "SELECT sum(CASE WHEN status = 'paid' THEN 1 ELSE 0 END), sum(CASE WHEN status = 'open' "
       "THEN "
       "1 ELSE 0 END) FROM orders",
       "redundancy", "scalar-scans-to-one"},
  };
  for (const auto& one : all) {
    INFO(one.after);
    const auto told = found(one.before, one.after);
    CHECK(told.rule == one.rule);
    CHECK(told.type == one.type);
    CHECK(!told.evidence.empty());
  }
}

TEST_CASE("indexes are told by what the plan does with them", "[rewrite]") {
  const char* query = "SELECT id, status FROM orders WHERE user_id = 1";
  const auto single = found(query, query, {"CREATE INDEX i ON orders(user_id)"});
  CHECK(single.type == "indexing");
  CHECK(single.rule == "index-single");
  CHECK(found(query, query, {"CREATE INDEX i ON orders(user_id, status)"}).rule ==
        "index-covering");
  CHECK(found(query, query, {"CREATE INDEX i ON orders(status) WHERE user_id = 1"}).rule ==
        "index-partial");
  const auto unused = found(query, query, {"CREATE INDEX i ON orders(product)"});
  CHECK(unused.rule == "other");
  CHECK(unused.evidence == "The plan uses none of the indexes.");
}

TEST_CASE("a rewrite with an index has both names", "[rewrite]") {
  const auto both = found("SELECT id FROM orders WHERE status = 'paid' OR status = 'open'",
                          "SELECT id FROM orders WHERE status IN ('paid', 'open')",
                          {"CREATE INDEX i ON orders(status)"});
  CHECK(both.rule == "or-chain-to-in+index-covering"); // the rowid is in every index
  CHECK(both.type == "redundancy");
}

TEST_CASE("text that is no statement is of no rule, and no error", "[rewrite]") {
  CHECK(found("SELECT id FROM orders", "SELECT FROM WHERE").rule == "other");
  CHECK(found("", "").rule == "other");
  CHECK(found("SELECT id FROM orders", "SELECT id FROM orders").rule == "other");
}
