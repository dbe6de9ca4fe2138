#include <fstream>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "quill/sql/parse.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

TEST_CASE("every rule has a name of its own and says what it does, pays and costs", "[rewrite]") {
  std::set<std::string_view> names;
  const std::set<std::string_view> types = {"join", "projection", "limit", "redundancy"};
  for (const auto& rule : all_rules()) {
    INFO(rule->name());
    CHECK(names.insert(rule->name()).second);
    CHECK(types.count(rule->type()) == 1);
    CHECK(!rule->summary().empty());
    CHECK(!rule->pays().empty());
    CHECK(!rule->hurts().empty());
    CHECK(rule->name().find('+') == std::string_view::npos); // it joins composed names
  }
  CHECK(names.size() >= 10);
}

TEST_CASE("rules list gives name, summary, engines, pays, hurts", "[rewrite]") {
  const auto list = rules_json();
  REQUIRE(list.size() == all_rules().size());
  CHECK(list[0].at("name") == "or-chain-to-in");
  CHECK(list[0].at("engines") == Json::array({"sqlite"}));
  CHECK(list[0].size() == 5);
}

TEST_CASE("a statement that does not parse is opaque, and rules let it be", "[rewrite]") {
  const auto subject = make_subject("SELECT * FROM orders NOT INDEXED", shop());
  CHECK(subject.tree == nullptr);
  for (const auto& rule : all_rules())
    CHECK(rule->apply(subject).empty());
  CHECK(advise_indexes(subject, shop()).empty());
  CHECK(Proposer(shop()).propose(subject, 5, {}, Rng(1)).empty());
}

TEST_CASE("a printed tree is the same program as its statement", "[rewrite]") {
  // || binds tighter than * in SQLite: (2 || 3) * 2 = 46
  const auto subject = make_subject("SELECT 2 || 3 * 2", shop());
  if (subject.tree != nullptr)
    CHECK(shop().program(sql::print_sqlite(*subject.tree)) == shop().program(subject.text));
}

TEST_CASE("a statement that is no statement is opaque", "[rewrite]") {
  for (const char* text : {"", "SELECT", "SELECT 1; SELECT 2", "DROP TABLE users", "SELECT nope"})
    CHECK(make_subject(text, shop()).tree == nullptr);
}

TEST_CASE("rules leave alone what gives another answer each time", "[rewrite]") {
  for (const char* text : {"SELECT DISTINCT id FROM orders WHERE quantity > random()",
                           "SELECT DISTINCT id FROM orders LIMIT 2"}) {
    const auto subject = make_subject(text, shop());
    for (const auto& rule : all_rules())
      CHECK(rule->apply(subject).empty());
  }
}

TEST_CASE("facts are looked up for the columns that rules ask about", "[rewrite]") {
  const auto subject = make_subject("SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id "
                                    "WHERE date(o.created_at) = '2024-01-01' AND o.quantity + 1 > "
                                    "2",
                                    shop());
  CHECK(subject.facts.dates.count("orders.created_at") == 1);
  CHECK(subject.facts.integers.count("orders.quantity") == 1);
  CHECK(subject.facts.parents.count("orders.user_id") == 1);
  CHECK(subject.facts.texts.empty());
}

TEST_CASE("a name written in another case is the same table and column", "[rewrite]") {
  CHECK(
      rewritten("foreign-key-join", "SELECT O.ID FROM ORDERS O JOIN Users U ON u.Id = o.User_Id") ==
      "SELECT O.ID FROM ORDERS AS O");
}
