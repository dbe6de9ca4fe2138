// A small shop, as tests of rules need it: two tables, and what a rule makes of a statement.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quill/engine/session.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::rewrite::tests {

inline constexpr const char* kShopSchema =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, age "
    "INTEGER, city TEXT, country TEXT NOT NULL, nick TEXT COLLATE NOCASE);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), "
    "gift_for INTEGER REFERENCES users(id), product TEXT NOT NULL, quantity INTEGER NOT NULL, "
    "amount REAL, status TEXT NOT NULL, created_at TEXT NOT NULL, shipped_at TEXT, note TEXT);";

inline constexpr const char* kShopRows =
    "INSERT INTO users VALUES (1, 'Ada', 'a@x', 36, 'Porto', 'Portugal', 'ad'), "
    "(2, 'Bob', 'b@x', NULL, NULL, 'Spain', 'BO'), (3, 'Cyd', 'c@x', 20, 'Bergen', 'Norway', NULL);"
    "INSERT INTO orders VALUES "
    "(1, 1, NULL, 'pen', 2, 3.5, 'paid', '2024-03-14 10:00:00', '2024-03-16', 'x'), "
    "(2, 1, 3, 'ink', 1, 9.25, 'open', '2024-03-15 00:00:00', NULL, NULL), "
    "(3, 2, 1, 'pen', 5, NULL, 'paid', '2024-04-01 23:59:59', '2024-04-02 08:00:00', 'y');";

inline std::unique_ptr<engine::Session> open_shop(std::string_view more = "") {
  return engine::open_sqlite_script(std::string(kShopSchema) + kShopRows + std::string(more));
}

/// One shop for all tests that only read it.
inline engine::Session& shop() {
  static const auto session = open_shop();
  return *session;
}

inline const Rule& rule(std::string_view name) {
  const auto& rules = all_rules();
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const auto& one) { return one->name() == name; });
  QUILL_CHECK(found != rules.end(), "no such rule");
  return **found;
}

/// What the rule makes of the statement; "" when it refuses.
inline std::string rewritten(std::string_view name, std::string_view statement,
                             engine::Session& session = shop(), sql::Needs needs = {}) {
  const auto subject = make_subject(statement, session, std::move(needs));
  QUILL_CHECK(subject.tree != nullptr, "the test's statement is opaque");
  const auto proposals = rule(name).apply(subject);
  return proposals.empty() ? "" : proposals[0].after;
}

} // namespace quill::rewrite::tests
