// Small random databases as scripts: NULLs, duplicates, orphans, empty tables, values of the wrong
// kind; the same seed gives the same script.
#pragma once

#include <string>

#include <fmt/format.h>

#include "quill/core/random.hpp"

namespace quill::rewrite::tests {

class RandomDatabase {
 public:
  explicit RandomDatabase(std::uint64_t seed) : rng_(seed) {}

  std::string script() {
    std::string out =
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, city TEXT, "
        "code TEXT UNIQUE);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES "
        "users(id), gift_for INTEGER REFERENCES users(id), product TEXT NOT NULL, quantity "
        "INTEGER, "
        "amount REAL, status TEXT NOT NULL, created_at TEXT, note TEXT, tag, nick TEXT COLLATE "
        "NOCASE, "
        "ref TEXT);"
        "CREATE TABLE tags (order_id INTEGER NOT NULL, word TEXT NOT NULL, weight INTEGER, PRIMARY "
        "KEY (order_id, word)) WITHOUT ROWID;"
        "CREATE VIEW big_orders AS SELECT id, user_id, amount, note FROM orders WHERE amount > "
        "0.5;";
    const auto users = rng_.below(7); // often none or few
    for (std::uint64_t id = 1; id <= users; ++id)
      out += user(id);
    const auto orders = rng_.below(16);
    for (std::uint64_t id = 1; id <= orders; ++id)
      out += order(id, users);
    const auto tags = rng_.below(8);
    for (std::uint64_t i = 0; i < tags; ++i)
      out += fmt::format("INSERT OR IGNORE INTO tags VALUES ({}, {}, {});", rng_.between(1, 9),
                         word(), nullable(std::to_string(rng_.between(-1, 2))));
    return out;
  }

 private:
  std::string user(std::uint64_t id) {
    return fmt::format("INSERT INTO users VALUES ({}, {}, {}, {}, {});", id, word(),
                       nullable(std::to_string(rng_.between(1, 4))), nullable(word()),
                       nullable(fmt::format("'c{}'", id)));
  }

  std::string order(std::uint64_t id, std::uint64_t users) {
    const auto orphans = odd_database_ ? 2U : 0U; // keys beyond the last user
    const auto key = [&] { return std::to_string(1 + rng_.below(users + orphans + 1)); };
    return fmt::format(
        "INSERT INTO orders VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});", id,
        users == 0 ? "1" : key(), nullable(key()), word(), quantity(), amount(), word(),
        nullable(date()), nullable(word()), nullable(anything()), nullable(word()),
        nullable(fmt::format("'{}'", key())));
  }

  std::string nullable(std::string value) { return rng_.chance(0.25) ? "NULL" : value; }
  /// A value of any kind, some of them equal across kinds.
  std::string anything() {
    static constexpr const char* kValues[] = {"1",
                                              "1.0",
                                              "'1'",
                                              "2",
                                              "-0.0",
                                              "0",
                                              "'a'",
                                              "'A'",
                                              "x'61'",
                                              "9007199254740993",
                                              "9007199254740992.0"};
    return kValues[rng_.below(std::size(kValues))];
  }
  std::string word() { return fmt::format("'{}'", "abcA"[rng_.below(4)]); }
  std::string quantity() {
    if (odd_database_ && rng_.chance(0.2))
      return "'x'";
    return nullable(std::to_string(rng_.between(-3, 5)));
  }
  /// Quarters: their sums are exact in whatever order they are added.
  std::string amount() {
    if (odd_database_ && rng_.chance(0.2))
      return "'much'";
    return nullable(fmt::format("{}", static_cast<double>(rng_.between(-4, 12)) / 4));
  }
  std::string date() {
    if (odd_database_ && rng_.chance(0.2))
      return rng_.chance(0.5) ? "'2024-1-5'" : "2460000.5";
    const auto day = fmt::format("2024-0{}-{:02}", rng_.between(1, 3), rng_.between(1, 3));
    return rng_.chance(0.5) ? fmt::format("'{}'", day) : fmt::format("'{} 23:59:59'", day);
  }

  Rng rng_;
  bool odd_database_ = rng_.chance(0.4);
};

} // namespace quill::rewrite::tests
