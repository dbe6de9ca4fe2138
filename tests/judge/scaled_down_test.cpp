#include "judge/scaled_down.hpp"

#include "catch.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/judge/pairs.hpp"

using namespace quill;
using namespace quill::judge;

namespace {

constexpr const char* kScript = R"(
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),
                     parent INTEGER REFERENCES orders(id), amount REAL, note TEXT, raw BLOB);
CREATE INDEX orders_user ON orders(user_id);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO users SELECT i, 'name ' || i FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO orders SELECT i, 1 + i * 7 % 1000, nullif(i - 1, 0), i / 7.0,
  CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'it''s' ELSE 'x' END, CASE i % 5 WHEN 0 THEN x'00ff' END
  FROM n;
)";

engine::Session& shop() {
  static const auto session = engine::open_sqlite_script(kScript);
  return *session;
}

std::string one(engine::Session& session, const std::string& sql) {
  const auto run = session.run(sql, {});
  INFO(sql << ": " << run.message);
  REQUIRE(run.status == engine::Status::ok);
  return engine::to_json(run.rows.at(0).at(0)).dump();
}

Verdict judged(const std::string& before, const std::string& after,
               const std::string& reward = "table") {
  sql::Pair pair;
  pair.id = "p";
  pair.before = before;
  take_after(pair, after);
  JudgeConfig config;
  config.measure = "steps";
  config.trust = "fast";
  config.readability = "off";
  config.reward = reward;
  config.timeout_ms = 20; // 1,000,000 steps
  return Judge(shop(), config).evaluate(pair);
}

/// 9 million pairs of orders: it does not end in a million steps.
const std::string kSlow = "SELECT o.id, (SELECT count(*) FROM orders p WHERE p.amount + 0 >= "
                          "o.amount + 0) AS n FROM orders o";

} // namespace

TEST_CASE("a part of the rows keeps its foreign keys and is spread over the tables", "[judge]") {
  auto made = scaled_down(shop(), 100, {}, "", nullptr);
  REQUIRE(made.ok());
  auto& small = *made.value().session;
  CHECK(one(small, "SELECT count(*) FROM users") == "100");
  CHECK(one(small, "SELECT max(id) > 900 FROM users") == "1"); // every tenth, not the first hundred
  CHECK(one(small, "SELECT count(*) FROM orders") == "100");
  CHECK(one(small, "SELECT count(*) FROM orders WHERE user_id NOT IN (SELECT id FROM users)") ==
        "0");
  CHECK(made.value().rows == 200);
  CHECK(small.schema().table("orders")->indexes.size() == 1);
}

TEST_CASE("cells come over as they are", "[judge]") {
  auto made = scaled_down(shop(), 100'000, {}, "", nullptr);
  REQUIRE(made.ok());
  const std::string all =
      "SELECT group_concat(id || quote(user_id) || quote(amount) || quote(note) || quote(raw) || "
      "typeof(amount)) FROM (SELECT * FROM orders ORDER BY id)";
  CHECK(one(*made.value().session, all) == one(shop(), all));
}

TEST_CASE("a database without tables cannot be made smaller", "[judge]") {
  const auto nothing = engine::open_sqlite_script("");
  auto made = scaled_down(*nothing, 100, {}, "", nullptr);
  REQUIRE_FALSE(made.ok());
  CHECK(made.failure().what == "it has no tables");
}

TEST_CASE("a before that does not end is compared on fewer rows, and its reward is clipped",
          "[judge]") {
  const auto verdict =
      judged(kSlow, "SELECT id, count(*) OVER (ORDER BY amount + 0 DESC RANGE "
                    "BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n FROM orders");
  INFO(verdict.reason);
  CHECK(verdict.status == PairStatus::timeout);
  CHECK(verdict.verdict == "same");
  CHECK(verdict.correct == true);
  REQUIRE(verdict.scaled_down.has_value());
  CHECK(verdict.scaled_down->rows < 2000);
  CHECK(verdict.scaled_down->answer_rows > 10);
  CHECK_FALSE(verdict.before_steps.has_value()); // nobody knows
  REQUIRE(verdict.speedup.has_value());
  CHECK(*verdict.speedup == Approx(1e6 / *verdict.after_steps)); // at least
  CHECK(*verdict.speedup > kTimedOutSpeedupMax);
  CHECK(verdict.reward == 0.60); // that of 5x
  CHECK(verdict.kept);
}

TEST_CASE("a wrong after is found on fewer rows, and an empty answer proves nothing", "[judge]") {
  const auto wrong = judged(kSlow, "SELECT id, id AS n FROM orders");
  CHECK(wrong.verdict == "different");
  CHECK(wrong.status == PairStatus::timeout);
  CHECK(wrong.reward == 0.0);
  const auto empty = judged(kSlow + " WHERE (SELECT sum(p.amount + o.amount) FROM orders p) < 0",
                            "SELECT id, 1 AS n FROM orders WHERE id < 0");
  CHECK(empty.verdict == "unknown");
  CHECK_FALSE(empty.reward.has_value());
  CHECK_FALSE(empty.kept);
  CHECK(empty.reason.find("an empty answer proves nothing") != std::string::npos);
}

TEST_CASE("an after that does not end either is a failed candidate", "[judge]") {
  const auto verdict = judged(kSlow, kSlow + " ORDER BY o.id");
  CHECK(verdict.status == PairStatus::timeout);
  CHECK(verdict.reward == 0.0);
  CHECK_FALSE(verdict.scaled_down.has_value());
}
