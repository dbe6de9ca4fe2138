// Pairs whose proof is the same on every engine.
#pragma once

#include "catch.hpp"
#include "quill/engine/scratch.hpp"
#include "quill/judge/proof.hpp"

namespace quill::judge::test {

inline constexpr const char* kTypedShop =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, city VARCHAR, "
    "vip BOOLEAN, joined DATE);\n"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), "
    "amount DECIMAL(10, 2) NOT NULL, placed TIMESTAMP);\n";

inline Proof proved_on(ProofOptions options, const std::string& before, const std::string& after) {
  options.databases_max = 30;
  options.use_clock = false;
  sql::Pair pair;
  pair.id = "p";
  pair.before = before;
  pair.after = after;
  return Prover(kTypedShop, options).prove(pair);
}

using TwoQueries = std::pair<const char*, const char*>;

inline constexpr TwoQueries kRight[] = {
    {"SELECT u.id, (SELECT sum(o.amount) FROM orders o WHERE o.user_id = u.id) AS s FROM users u",
     "SELECT u.id, t.s FROM users u LEFT JOIN (SELECT user_id, sum(amount) AS s FROM orders "
     "GROUP BY user_id) t ON t.user_id = u.id"},
    {"SELECT id FROM users WHERE extract(year FROM joined) = 2023",
     "SELECT id FROM users WHERE joined >= DATE '2023-01-01' AND joined < DATE '2024-01-01'"},
};

inline constexpr TwoQueries kMistakes[] = {
    // NULL is not FALSE
    {"SELECT id FROM users WHERE vip IS NOT TRUE", "SELECT id FROM users WHERE NOT vip"},
    // an order more than one makes a row more
    {"SELECT u.name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)",
     "SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id"},
    // the last moment of a day
    {"SELECT id FROM orders WHERE CAST(placed AS DATE) <= DATE '2024-03-31'",
     "SELECT id FROM orders WHERE placed <= TIMESTAMP '2024-03-31 00:00:00'"},
    // count of rows, count of values
    {"SELECT city, count(*) FROM users GROUP BY city",
     "SELECT city, count(city) FROM users GROUP BY city"},
};

inline void check_is_the_same(const ProofOptions& options, const TwoQueries& pair) {
  const auto proof = proved_on(options, pair.first, pair.second);
  INFO(pair.second << ": " << proof.reason);
  CHECK(proof.verdict == "same");
}

/// Its script shows it in a fresh database.
inline void check_is_found(const ProofOptions& options, const TwoQueries& pair) {
  const auto proof = proved_on(options, pair.first, pair.second);
  INFO(pair.second << ": " << proof.reason);
  CHECK(proof.verdict == "different");
  REQUIRE(proof.counterexample.has_value());
  const auto fresh =
      engine::open_scratch(options.engine, options.server, proof.counterexample->database);
  CHECK(fresh->run(pair.first, {}).rows == proof.counterexample->before_rows);
  CHECK(fresh->run(pair.second, {}).rows == proof.counterexample->after_rows);
}

} // namespace quill::judge::test
