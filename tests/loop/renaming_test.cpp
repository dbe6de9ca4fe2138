#include "loop/renaming.hpp"

#include "catch.hpp"

#include "quill/engine/session.hpp"

using namespace quill;
using namespace quill::loop;

namespace {

constexpr const char* kSchema =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, date TEXT);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users(id), "
    "amount REAL);"
    "CREATE INDEX idx_orders_user ON orders (user_id);";

const Synonyms kSynonyms{
    {"users", {"people"}}, {"user", {"person"}}, {"name", {"label"}}, {"orders", {"sales"}}};

Renaming renaming(NameStyle style, const std::set<std::string>& taken = {}) {
  const auto session = engine::open_sqlite_script(kSchema);
  return {session->schema(), style, kSynonyms, taken, Rng(1)};
}

} // namespace

TEST_CASE("names change where they name something, and nowhere else", "[loop]") {
  const Renaming names = renaming(NameStyle::snake);
  const auto renamed = names.statement(
      "SELECT u.name, date(u.date), 'name users' FROM users AS u JOIN \"orders\" o ON o.user_id = "
      "u.id -- users\nWHERE U.NAME <> 'x'");
  REQUIRE(renamed);
  CHECK(renamed.value() ==
        "SELECT u.label, date(u.date), 'name users' FROM people AS u JOIN sales o ON o.person_id "
        "= u.id -- users\nWHERE U.label <> 'x'");
}

TEST_CASE("the other styles put words together or cut them short", "[loop]") {
  CHECK(renaming(NameStyle::camel).statement("SELECT user_id FROM orders").value() ==
        "SELECT personId FROM Sales");
  CHECK(renaming(NameStyle::terse).statement("SELECT user_id FROM orders").value() ==
        "SELECT usr_id FROM t_ordrs");
}

TEST_CASE("a new name is never one that is used for something else", "[loop]") {
  CHECK(renaming(NameStyle::snake, {"people"}).word("users") == "people2");
}

TEST_CASE("an index is called by its new table and columns", "[loop]") {
  std::set<std::string> taken;
  const auto index = [&](const char* text) {
    return renaming(NameStyle::snake).index(text, taken).value();
  };
  CHECK(index("CREATE INDEX i ON orders(user_id, amount)") ==
        "CREATE INDEX idx_sales_person_id_amount ON sales (person_id, amount)");
  // Another one of the same columns has a name of its own.
  CHECK(index("CREATE INDEX j ON orders(user_id, amount) WHERE amount > 5") ==
        "CREATE INDEX idx_sales_person_id_amount_2 ON sales (person_id, amount) WHERE amount > 5");
}

TEST_CASE("a sentence changes in what can be no plain word", "[loop]") {
  CHECK(renaming(NameStyle::snake).sentence("The name of user_id is o.amount, u.name.") ==
        "The name of person_id is o.amount, u.label.");
}

TEST_CASE("the script makes a database of the new names", "[loop]") {
  const Renaming names = renaming(NameStyle::snake);
  const auto session = engine::open_sqlite_script(kSchema);
  const auto other =
      engine::open_sqlite_script(std::string(kSchema) + names.script(session->schema()));
  REQUIRE(other->schema().tables.size() == 2);
  CHECK(other->schema().table("people") != nullptr);
  CHECK(other->schema().table("sales")->foreign_keys.front().table == "people");
  CHECK(other->schema().table("sales")->indexes.front().name == "idx_sales_person_id");
}
