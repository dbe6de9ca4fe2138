// Rules on DuckDB and PostgreSQL, on random databases whose columns have the types that trip:
// numbers of 16, 32 and 64 bits, of four and eight bytes, with places; text of fixed length.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/random.hpp"
#include "quill/rewrite/rule.hpp"
#include "rewrite/property_rows.hpp"

namespace quill::rewrite::tests {

/// Both engines take the same script.
class TypedDatabase {
 public:
  explicit TypedDatabase(std::uint64_t seed) : rng_(seed) {}

  std::string script() {
    std::string out =
        "CREATE TABLE shop (id integer PRIMARY KEY, city text, rate double precision, place "
        "char(3));"
        "CREATE TABLE sale (id integer PRIMARY KEY, shop_id integer REFERENCES shop(id), kind text "
        "NOT NULL, tiny smallint, whole integer, wide bigint, price numeric(7,2), half real, dbl "
        "double precision, day date, pad char(3));";
    const auto shops = 1 + rng_.below(4);
    for (std::uint64_t id = 1; id <= shops; ++id)
      out += fmt::format("INSERT INTO shop VALUES ({}, {}, {}, {});", id, nullable(word()),
                         nullable(number(2)), nullable(word()));
    const auto sales = rng_.below(24);
    for (std::uint64_t id = 1; id <= sales; ++id)
      out += sale(id, shops);
    return out;
  }

 private:
  std::string sale(std::uint64_t id, std::uint64_t shops) {
    return fmt::format("INSERT INTO sale VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});", id,
                       nullable(std::to_string(1 + rng_.below(shops))), word(), nullable(whole()),
                       nullable(whole()), nullable(wide()), nullable(number(2)),
                       nullable(number(1)), nullable(number(3)), nullable(day()), nullable(word()));
  }
  std::string nullable(std::string value) { return rng_.chance(0.2) ? "NULL" : value; }
  std::string word() {
    static constexpr const char* kWords[] = {"'a'", "'b'", "'B'", "'ab'", "'c'"};
    return kWords[rng_.below(std::size(kWords))];
  }
  std::string whole() { return std::to_string(rng_.between(-4, 9)); }
  std::string wide() { return rng_.chance(0.3) ? "3000000001" : whole(); }
  std::string number(int places) {
    return fmt::format("{:.{}f}", static_cast<double>(rng_.between(-4000, 9000)) / 1000, places);
  }
  std::string day() {
    return fmt::format("DATE '202{}-{:02}-{:02}'", rng_.below(3), 1 + rng_.below(3),
                       1 + rng_.below(3));
  }

  Rng rng_;
};

/// Statements that both engines take; many are there to trip a rule.
inline const std::vector<std::string>& engine_cases() {
  static const std::vector<std::string> all = {
      // sums, counts and averages that were put together, and what is made of them
      "SELECT avg(tiny), avg(whole), avg(wide), avg(price), avg(dbl), sum(price) FROM sale s JOIN "
      "shop o ON o.id = s.shop_id",
      "SELECT o.city, sum(s.whole) / 4, count(*) / 2, count(s.wide) % 3 FROM sale s JOIN shop o ON "
      "o.id = s.shop_id GROUP BY o.city",
      "SELECT o.city, sum(s.wide) / 4, sum(s.price) / 4, avg(s.whole + 1) FROM sale s JOIN shop o "
      "ON o.id = s.shop_id GROUP BY o.city HAVING sum(s.whole) / 2 > 1",
      "SELECT t.n / 2, t.s / 3 FROM (SELECT o.city, count(*) AS n, sum(s.whole * s.tiny) AS s FROM "
      "sale s JOIN shop o ON o.id = s.shop_id GROUP BY o.city) t",
      "SELECT o.city, sum(s.half), avg(s.half), avg(s.price * s.half) FROM sale s JOIN shop o ON "
      "o.id = s.shop_id GROUP BY o.city",
      "SELECT o.city, avg(CASE WHEN s.kind = 'a' THEN s.whole ELSE 0 END), sum(CASE WHEN s.kind = "
      "'b' THEN 1 END) / 2 FROM sale s JOIN shop o ON o.id = s.shop_id GROUP BY o.city",
      "SELECT o.city, avg(s.price) AS a FROM sale s JOIN shop o ON o.id = s.shop_id GROUP BY "
      "o.city HAVING avg(s.price) > 0.5 ORDER BY a, o.city",
      "SELECT count(*) / 2 FROM sale a JOIN sale b ON b.shop_id = a.shop_id AND a.id < b.id",
      "SELECT a.kind, count(*) / 2, count(*) * 1.5 FROM sale a JOIN sale b ON b.kind = a.kind AND "
      "a.id < b.id GROUP BY a.kind",
      "SELECT o.id, (SELECT count(*) FROM sale s WHERE s.shop_id = o.id) / 2, (SELECT "
      "sum(s.whole) FROM sale s WHERE s.shop_id = o.id) / 3 FROM shop o",
      "SELECT (SELECT sum(whole) FROM sale WHERE kind = 'a') / 2, (SELECT count(*) FROM sale WHERE "
      "kind = 'b') / 2, (SELECT avg(price) FROM sale WHERE kind = 'c')",
      "SELECT s.id, (SELECT sum(p.whole) FROM sale p WHERE p.shop_id = s.shop_id) / 2 FROM sale s",
      "SELECT s.id, (SELECT count(*) FROM sale p WHERE p.kind = s.kind AND p.price > s.price) / 2 "
      "FROM sale s",
      "SELECT p.id, sum(q.whole) / 2 FROM sale p JOIN sale q ON q.kind = p.kind AND q.id <= p.id "
      "GROUP BY p.id",
      // comparisons of unlike numbers
      "SELECT s.id FROM sale s WHERE s.dbl > (SELECT avg(p.dbl) FROM sale p WHERE p.price = s.dbl)",
      "SELECT o.id FROM shop o WHERE EXISTS (SELECT 1 FROM sale s WHERE s.price = o.rate)",
      "SELECT o.id FROM shop o WHERE (SELECT count(*) FROM sale s WHERE s.half = o.rate) > 0",
      "SELECT id FROM sale WHERE coalesce(half, 0.1) = 0.1 OR coalesce(half, 0.1) < 0.1",
      "SELECT id FROM sale WHERE coalesce(whole, 2) = 2 OR coalesce(price, 1.5) >= 1.5",
      "SELECT id FROM sale WHERE whole * 3 > 7 AND price + 1 < 5 OR 2 - dbl > 0.5",
      "SELECT id FROM sale WHERE half * 1.5 > 1.35 OR half + 0.1 = 0.3 OR wide - 1 = 3000000000",
      "SELECT id FROM sale WHERE tiny / 2 = 1 OR whole / 2.0 > 1.5",
      // text
      "SELECT id FROM sale WHERE coalesce(kind, 'a') > 'B' OR coalesce(pad, 'a') = 'a '",
      "SELECT o.id FROM shop o WHERE coalesce(o.city, 'b') < 'B' OR coalesce(o.place, 'a') <> 'b'",
      "SELECT id FROM sale WHERE substr(kind, 1, 1) = 'a' OR kind LIKE 'B%'",
      "SELECT o.id FROM shop o WHERE EXISTS (SELECT 1 FROM sale s WHERE s.kind = o.place)",
      "SELECT id FROM sale s WHERE s.pad IN (SELECT o.city FROM shop o WHERE o.id = s.shop_id)",
      // dates
      "SELECT id FROM sale WHERE extract(year FROM day) = 2021 OR extract(year FROM day) > 2021",
      "SELECT id FROM sale WHERE extract(year FROM day) BETWEEN 2020 AND 2021",
      "SELECT id FROM sale s WHERE day = (SELECT max(p.day) FROM sale p WHERE p.shop_id = "
      "s.shop_id)",
      // NULLs, order, doubles
      "SELECT s.id FROM sale s WHERE NOT EXISTS (SELECT 1 FROM sale p WHERE p.kind = s.kind AND "
      "p.day > s.day)",
      "SELECT s.*, o.city FROM sale s LEFT JOIN shop o ON o.id = s.shop_id ORDER BY s.price DESC, "
      "s.id LIMIT 4",
      "SELECT s.id, o.city FROM sale s LEFT JOIN shop o ON o.id = s.shop_id ORDER BY s.day, s.id "
      "LIMIT 5",
      "SELECT sum(s.whole) FROM sale s JOIN shop o ON o.id = s.shop_id",
      "SELECT DISTINCT id, price FROM sale",
      "SELECT DISTINCT o.id, o.city FROM shop o JOIN sale s ON s.shop_id = o.id WHERE s.price > 1",
      "SELECT s.id, o.id FROM sale s JOIN shop o ON o.id = s.shop_id WHERE o.city = 'a' OR s.kind "
      "= 'a'",
      "SELECT s.id, o.id FROM sale s JOIN shop o ON o.id = s.shop_id OR o.city = s.kind",
      "SELECT id FROM sale WHERE kind = 'a' UNION SELECT id FROM sale WHERE kind = 'b'",
      "SELECT count(*) FROM (SELECT id, kind FROM sale ORDER BY kind) t WHERE t.id > 2",
      "SELECT t.kind, array_agg(t.id) FROM (SELECT id, kind FROM sale ORDER BY kind, id) t GROUP "
      "BY t.kind",
      "WITH t AS (SELECT shop_id, kind, sum(price) AS s FROM sale GROUP BY shop_id, kind) SELECT "
      "a.shop_id, a.s - b.s FROM t a JOIN t b ON b.shop_id = a.shop_id WHERE a.kind = 'a' AND "
      "b.kind = 'b'",
      "WITH t AS (SELECT pad, kind, count(*) AS n FROM sale GROUP BY pad, kind) SELECT a.pad, a.n "
      "/ 2, b.n FROM t a JOIN t b ON b.pad = a.pad WHERE a.kind = 'a' AND b.kind = 'b'",
      "SELECT o.city, t.s FROM shop o JOIN (SELECT shop_id, sum(price) AS s FROM sale GROUP BY "
      "shop_id) t ON t.shop_id = o.id WHERE o.city = 'a'",
      "SELECT a.shop_id FROM (SELECT shop_id, sum(whole) AS s FROM sale GROUP BY shop_id) a JOIN "
      "(SELECT shop_id, sum(whole) AS s FROM sale GROUP BY shop_id) b ON b.s = a.s",
      "SELECT id FROM sale s WHERE s.whole IN (SELECT p.tiny FROM sale p WHERE p.shop_id = "
      "s.shop_id AND p.kind <> s.kind)",
      "SELECT id FROM sale s WHERE s.price IN (SELECT p.dbl FROM sale p WHERE p.kind = s.kind)",
  };
  return all;
}

/// Runs each statement and what the engine's rules make of it; gives the rules that fired.
inline std::set<std::string> check_engine_rules(engine::Session& session,
                                                const std::string& script) {
  std::set<std::string> fired;
  for (const auto& statement : engine_cases()) {
    INFO(script << "\n" << statement);
    const auto subject = make_subject(statement, session);
    REQUIRE(subject.tree != nullptr);
    const bool ordered = !subject.tree->order_by.empty();
    const auto before = rows(session, statement, ordered);
    for (const auto* rule : rules_for(subject.dialect))
      for (const auto& proposal : rule->apply(subject)) {
        fired.insert(proposal.rule);
        INFO(proposal.rule << ": " << proposal.after);
        CHECK(before == rows(session, proposal.after, ordered));
      }
  }
  return fired;
}

} // namespace quill::rewrite::tests
