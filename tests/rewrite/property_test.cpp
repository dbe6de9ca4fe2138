// Every rule, on random databases: before and after give the same rows.
#include <set>

#include <fmt/format.h>

#include "catch.hpp"
#include "quill/core/json.hpp"
#include "rewrite/random_database.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;

namespace {

constexpr int kDatabases = 50;
constexpr engine::Limits kLimits{.rows = 0, .timeout_ms = 5000};

/// Statements chosen so that each rule has some to work on; {columns, top} where needs matter.
struct Case {
  const char* statement;
  sql::Needs needs = {};
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"SELECT id FROM orders WHERE status = 'a' OR status = 'b' OR note = 'c'"},
      {"SELECT id, note IN ('a') OR note = 'b' OR note = NULL FROM orders"},
      {"SELECT id FROM orders WHERE NOT (lower(note) = 'a' OR lower(note) = 'b')"},
      {"SELECT id FROM orders WHERE strftime('%Y-%m', created_at) = '2024-02'"},
      {"SELECT id FROM orders WHERE NOT date(created_at) <= '2024-02-02'"},
      {"SELECT id FROM orders WHERE date(created_at) IN ('2024-01-01', '2024-01-02') OR "
       "substr(created_at, 1, 7) > '2024-02'"},
      {"SELECT id FROM orders WHERE created_at LIKE '2024-02%' OR substr(product, 1, 1) = 'a'"},
      {"SELECT id FROM orders WHERE quantity + 1 > 2 OR quantity * -2 >= 3 OR 1 - quantity = 0"},
      {"SELECT id FROM orders WHERE amount * 1.5 > 1.125 AND amount + 0 < 9"},
      {"SELECT id FROM orders WHERE amount / 0.3 = 2.5 OR quantity * 3 < 7"},
      {"SELECT id FROM users WHERE coalesce(age, 2) = 2 OR coalesce(city, 'a') > 'a'"},
      {"SELECT id FROM users WHERE ifnull(age, 0) <> 3"},
      {"SELECT name FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.gift_for = u.id) > "
       "0"},
      {"SELECT name FROM users u WHERE (SELECT count(note) FROM orders o WHERE o.user_id = u.id) = "
       "0"},
      {"SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.gift_for = u.id AND "
       "o.status = 'a')"},
      {"SELECT name FROM users u WHERE EXISTS (SELECT count(*) FROM orders o WHERE o.gift_for = "
       "u.id) OR NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND note = 'a')"},
      {"SELECT name FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.gift_for = "
       "u.id)"},
      {"SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = o.gift_for)"},
      {"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = o.user_id AND "
       "u.city = o.note)"},
      {"SELECT id FROM orders WHERE gift_for IN (SELECT id FROM users WHERE age > 1) OR note = "
       "'a'"},
      {"SELECT * FROM orders WHERE gift_for IN (SELECT id FROM users WHERE city = 'a')"},
      {"SELECT u.id, (SELECT count(*) FROM orders o WHERE o.gift_for = u.id), (SELECT "
       "sum(o.amount) "
       "FROM orders o WHERE o.gift_for = u.id) AS s, (SELECT total(o.quantity) FROM orders o WHERE "
       "o.gift_for = u.id AND o.status = 'a') FROM users u ORDER BY s, u.id"},
      {"SELECT id FROM orders o WHERE amount >= (SELECT avg(amount) FROM orders p WHERE p.gift_for "
       "= o.gift_for)"},
      {"SELECT id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) < 2 OR "
       "age < (SELECT max(quantity) FROM orders o WHERE o.user_id = u.id)"},
      {"SELECT id FROM orders o WHERE created_at = (SELECT max(p.created_at) FROM orders p WHERE "
       "p.gift_for = o.gift_for AND p.status <> 'a')"},
      {"SELECT (SELECT count(*) FROM orders WHERE status = 'a' AND quantity > 0), (SELECT "
       "sum(amount) FROM orders WHERE quantity > 0 AND status = 'b') AS s, 1 + (SELECT max(note) "
       "FROM orders WHERE quantity > 0)"},
      {"SELECT min(amount), max(amount) FROM orders WHERE note IS NOT NULL"},
      {"SELECT u.name FROM users u LEFT JOIN orders o ON o.gift_for = u.id AND o.status = 'a' "
       "WHERE "
       "o.id IS NULL"},
      {"SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.gift_for WHERE u.id IS NULL"},
      {"SELECT DISTINCT u.name FROM users u JOIN orders o ON o.gift_for = u.id WHERE o.note = 'a'"},
      {"SELECT count(DISTINCT u.city), max(u.age) FROM users u, orders o WHERE o.user_id = u.id"},
      {"SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.gift_for"},
      {"SELECT o.id, o.note FROM orders o JOIN users u ON u.id = o.gift_for WHERE o.status = 'a'"},
      {"SELECT o.id FROM orders o JOIN users u ON o.user_id = u.id"},
      {"SELECT u.id, u.name, count(o.id) AS n, sum(o.amount) FROM users u LEFT JOIN orders o ON "
       "o.gift_for = u.id AND o.status <> 'b' WHERE u.age > 1 GROUP BY u.id HAVING count(o.id) < "
       "3"},
      {"SELECT u.name, count(*), avg(o.quantity) FROM orders o JOIN users u ON u.id = o.user_id "
       "WHERE o.note IS NULL GROUP BY u.id ORDER BY count(*), u.id"},
      {"SELECT u.id, t.n FROM users u LEFT JOIN (SELECT gift_for, count(*) AS n FROM orders GROUP "
       "BY "
       "gift_for) t ON t.gift_for = u.id WHERE u.age = 2"},
      {"SELECT o.id, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE o.status = "
       "'a' "
       "ORDER BY o.amount DESC, o.id LIMIT 3"},
      {"SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.note, o.id "
       "LIMIT 2"},
      {"SELECT DISTINCT o.id, u.name FROM orders o LEFT JOIN users u ON u.id = o.gift_for"},
      {"SELECT DISTINCT u.id FROM orders o LEFT JOIN users u ON u.id = o.gift_for"},
      {"SELECT DISTINCT code FROM users"},
      {"SELECT t.id FROM (SELECT id, age FROM users ORDER BY name) t WHERE t.age > 1 ORDER BY "
       "t.id"},
      {"SELECT id FROM orders WHERE status = 'a' UNION SELECT id FROM orders WHERE status = 'b'"},
      {"SELECT note FROM orders WHERE status = 'a' UNION SELECT note FROM orders WHERE quantity > "
       "1"},
      {"SELECT note FROM orders WHERE status = 'a' UNION ALL SELECT note FROM orders WHERE status "
       "= "
       "'b' ORDER BY 1"},
      {"SELECT id FROM orders WHERE note > 'a' INTERSECT SELECT id FROM orders WHERE quantity > 1"},
      {"SELECT id FROM orders WHERE status = 'a' EXCEPT SELECT id FROM orders WHERE note = 'a'"},
      {"SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.city = 'a' OR o.note = "
       "'a'"},
      {"SELECT o.id, u.id FROM orders o JOIN users u ON u.id = o.user_id OR u.id = o.gift_for"},
      {"SELECT t.n FROM (SELECT gift_for, count(*) AS n, max(note) AS m FROM orders GROUP BY "
       "gift_for) t"},
      {"SELECT x.note FROM (SELECT * FROM orders WHERE status = 'a' UNION SELECT * FROM orders "
       "WHERE "
       "note = 'b') x"},
      {"SELECT id, note, quantity * 2 AS twice FROM orders ORDER BY id DESC", {{"note"}, 3}},
  };
  return all;
}

/// Does the outermost query order?
bool is_ordered(const Subject& subject) {
  return !subject.tree->order_by.empty();
}

using Rows = std::vector<std::vector<std::string>>;

/// Numbers to nine digits whatever their type: 1 and 1.0 are the same.
std::string text(const engine::Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return fmt::format("{:.9g}", static_cast<double>(*integer));
  if (const auto* real = std::get_if<double>(&value))
    return fmt::format("{:.9g}", *real);
  return dump_json(engine::to_json(value));
}

Rows rows(engine::Session& session, const std::string& statement, bool ordered) {
  const auto run = session.run(statement, kLimits);
  INFO(statement << "\n" << run.message);
  REQUIRE(run.status == engine::Status::ok);
  Rows out;
  for (const auto& row : run.rows) {
    out.emplace_back();
    for (const auto& value : row)
      out.back().push_back(text(value));
  }
  if (!ordered)
    std::sort(out.begin(), out.end());
  return out;
}

/// The rows with what needs let go taken out.
Rows needed(Rows all, const Case& one, std::string_view rule) {
  if (rule == "unneeded-rows")
    all.resize(std::min(all.size(), static_cast<std::size_t>(*one.needs.top)));
  if (rule == "unneeded-columns")
    for (auto& row : all)
      row = {row[1]}; // "note"
  return all;
}

} // namespace

namespace {

/// Runs the statements whose number is `part` modulo `parts` over random databases; the names of
/// the rules that had something to change.
std::set<std::string_view> check_rules(int databases, std::size_t parts) {
  std::set<std::string_view> fired;
  for (int i = 0; i < databases; ++i) {
    const auto script = tests::RandomDatabase(static_cast<std::uint64_t>(i)).script();
    const auto session = engine::open_sqlite_script(script);
    for (std::size_t at = static_cast<std::size_t>(i) % parts; at < cases().size(); at += parts) {
      const Case& one = cases()[at];
      const auto subject = make_subject(one.statement, *session, one.needs);
      INFO(one.statement);
      REQUIRE(subject.tree != nullptr);
      const auto before = rows(*session, one.statement, is_ordered(subject));
      for (const auto& rule : all_rules())
        for (const auto& proposal : rule->apply(subject)) {
          fired.insert(rule->name());
          INFO(rule->name() << ": " << proposal.after << "\n" << script);
          REQUIRE(needed(before, one, rule->name()) ==
                  rows(*session, proposal.after, is_ordered(subject)));
        }
    }
  }
  return fired;
}

} // namespace

TEST_CASE("on random databases every rule keeps the rows of every statement", "[rewrite]") {
  const auto fired = check_rules(48, 4); // twelve databases a statement
  for (const auto& rule : all_rules()) {
    INFO(rule->name());
    CHECK(fired.count(rule->name()) == 1); // a property over nothing would prove nothing
  }
}

TEST_CASE("on many random databases every rule keeps the rows", "[rewrite][slow]") {
  CHECK(check_rules(150, 1).size() == all_rules().size());
}
