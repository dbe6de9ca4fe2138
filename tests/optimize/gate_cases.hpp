// Wrong rewrites of the kind that was published as wins, in SQL that every engine reads, over data
// on which most of them give the same rows: only the proof can tell.
#pragma once

#include "catch.hpp"

#include "optimize/gate.hpp"
#include "quill/core/cancel.hpp"

namespace quill::optimize::test {

inline constexpr const char* kTables =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, city VARCHAR(40));\n"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),"
    " amount DOUBLE PRECISION, status VARCHAR(10));\n";

/// 20 users of 10 orders each, no NULL, no tie within a user.
inline std::string shop_script() {
  std::string script = kTables;
  for (int u = 1; u <= 20; ++u)
    script += "INSERT INTO users VALUES (" + std::to_string(u) + ", 'user " + std::to_string(u) +
              "', 'city " + std::to_string(u % 5) + "');\n";
  for (int o = 1; o <= 200; ++o)
    script += "INSERT INTO orders VALUES (" + std::to_string(o) + ", " +
              std::to_string(1 + o % 20) + ", " + std::to_string(o) + ".5, '" +
              (o <= 20 ? "paid"
               : o % 2 ? "open"
                       : "void") +
              "');\n";
  return script;
}

struct WrongRewrite {
  const char* mistake;
  const char* before;
  const char* after;
};

inline constexpr WrongRewrite kWrongRewrites[] = {
    {"a NULL average coalesced to 0 (DSB query092)",
     "SELECT o.id FROM orders o WHERE o.amount > (SELECT 1.3 * avg(x.amount) FROM orders x WHERE "
     "x.user_id = o.user_id AND x.status = 'gone')",
     "SELECT o.id FROM orders o LEFT JOIN (SELECT user_id, 1.3 * avg(amount) AS a FROM orders "
     "WHERE "
     "status = 'gone' GROUP BY user_id) t ON t.user_id = o.user_id WHERE o.amount > "
     "coalesce(t.a, 0)"},
    {"a LIMIT that hides rows (TPC-DS Q83)",
     "SELECT id FROM orders WHERE status = 'paid' ORDER BY id LIMIT 10",
     "SELECT id FROM orders ORDER BY id LIMIT 10"},
    {"the same number of rows, nothing else", "SELECT max(amount) FROM orders",
     "SELECT min(amount) FROM orders"},
    {"the answer looked up", "SELECT max(amount) FROM orders", "SELECT 200.5"},
    {"NOT IN over a set that may hold NULL",
     "SELECT id FROM users WHERE city NOT IN (SELECT status FROM orders)",
     "SELECT u.id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.status = u.city)"},
    {"names that are not unique",
     "SELECT DISTINCT u.name FROM users u JOIN orders o ON o.user_id = u.id",
     "SELECT u.name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)"},
    {"UNION became UNION ALL",
     "SELECT name FROM users UNION SELECT status FROM orders WHERE id = 1",
     "SELECT name FROM users UNION ALL SELECT status FROM orders WHERE id = 1"},
    {"LEFT JOIN became JOIN",
     "SELECT u.id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id",
     "SELECT u.id, o.id FROM users u JOIN orders o ON o.user_id = u.id"},
    {"values counted in place of rows", "SELECT count(*) FROM users",
     "SELECT count(city) FROM users"},
    {"a group's boundary", "SELECT user_id FROM orders GROUP BY user_id HAVING count(*) >= 5",
     "SELECT user_id FROM orders GROUP BY user_id HAVING count(*) > 5"},
    {"groups without rows are lost",
     "SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) FROM users u",
     "SELECT u.id, t.n FROM users u JOIN (SELECT user_id, count(*) AS n FROM orders GROUP BY "
     "user_id) t ON t.user_id = u.id"},
    {"a NULL sum coalesced to 0",
     "SELECT u.id, (SELECT sum(o.amount) FROM orders o WHERE o.user_id = u.id) FROM users u",
     "SELECT u.id, coalesce(t.s, 0) FROM users u LEFT JOIN (SELECT user_id, sum(amount) AS s FROM "
     "orders GROUP BY user_id) t ON t.user_id = u.id"},
    {"EXISTS became a join",
     "SELECT u.id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND "
     "o.amount > 190)",
     "SELECT u.id FROM users u JOIN orders o ON o.user_id = u.id AND o.amount > 190"},
    {"NULL let in", "SELECT id FROM orders WHERE status <> 'void'",
     "SELECT id FROM orders WHERE status <> 'void' OR status IS NULL"},
    {"grouped by more than what is distinct", "SELECT DISTINCT city FROM users WHERE id < 6",
     "SELECT city FROM users WHERE id < 6 GROUP BY city, name"},
    {"bounds left out", "SELECT id FROM orders WHERE amount BETWEEN 10 AND 20",
     "SELECT id FROM orders WHERE amount > 10 AND amount < 20"},
    {"the order lost", "SELECT id, name FROM users ORDER BY id", "SELECT id, name FROM users"},
    {"ties lost",
     "SELECT o.id FROM orders o WHERE o.amount = (SELECT max(x.amount) FROM orders x WHERE "
     "x.user_id = o.user_id)",
     "SELECT t.id FROM (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY amount DESC) "
     "AS "
     "n FROM orders WHERE amount IS NOT NULL) t WHERE t.n = 1"},
    {"OR became UNION ALL without a guard",
     "SELECT id FROM orders WHERE user_id = 3 OR amount > 199",
     "SELECT id FROM orders WHERE user_id = 3 UNION ALL SELECT id FROM orders WHERE amount > 199"},
    {"INTERSECT became a join", "SELECT city FROM users INTERSECT SELECT status FROM orders",
     "SELECT DISTINCT u.city FROM users u JOIN orders o ON o.status = u.city"},
    {"an average of averages", "SELECT avg(amount) FROM orders",
     "SELECT avg(a) FROM (SELECT avg(amount) AS a FROM orders GROUP BY user_id) t"},
    {"columns swapped", "SELECT id, user_id FROM orders WHERE id <= user_id",
     "SELECT user_id, id FROM orders WHERE id <= user_id"},
};
static_assert(std::size(kWrongRewrites) >= 20);

/// A proof ends when it has tried its databases, on however busy a machine.
inline judge::JudgeConfig patient(judge::JudgeConfig config) {
  config.proof_ms = 60'000;
  return config;
}

inline Judged judged(engine::Session& session, const judge::JudgeConfig& config,
                     const std::string& before, const std::string& after) {
  const Cancel cancel;
  Gate gate(session, config, {.name = "q", .text = before}, cancel);
  return gate.judge({.after = after, .indexes = {}, .type = "join", .rule = {}, .explanation = {}});
}

/// The first `count` of them.
inline void check_refused(engine::Session& session, const judge::JudgeConfig& config,
                          std::size_t count = std::size(kWrongRewrites)) {
  for (std::size_t i = 0; i < count; ++i) {
    const WrongRewrite& wrong = kWrongRewrites[i];
    const Judged verdict = judged(session, config, wrong.before, wrong.after);
    INFO(wrong.mistake << ": " << verdict.verdict.verdict << ", " << verdict.verdict.reason);
    CHECK(!verdict.proven());
    CHECK(verdict.status == Status::error);
  }
}

/// A right one is proven, and timed by the clock.
inline void check_accepted(engine::Session& session, const judge::JudgeConfig& config) {
  const Judged verdict = judged(
      session, config,
      "SELECT u.id, (SELECT sum(o.amount) FROM orders o WHERE o.user_id = u.id) AS s FROM users u",
      "SELECT u.id, t.s FROM users u LEFT JOIN (SELECT user_id, sum(amount) AS s FROM orders GROUP "
      "BY user_id) t ON t.user_id = u.id");
  INFO(verdict.verdict.reason);
  CHECK(verdict.proven());
  CHECK(verdict.verdict.before_ms > 0);
  CHECK(verdict.verdict.after_ms > 0);
  CHECK(verdict.plan.size() > 1);
}

} // namespace quill::optimize::test
