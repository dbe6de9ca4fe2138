#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill;
using namespace quill::rewrite;
using namespace quill::rewrite::tests;

namespace {

std::vector<Proposal> advice(const std::string& statement) {
  return advise_indexes(make_subject(statement, shop()), shop());
}

bool offers(const std::vector<Proposal>& all, const std::string& index) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Proposal& one) { return one.indexes == std::vector{index}; });
}

} // namespace

TEST_CASE("equality, range and order become single, composite and covering indexes", "[rewrite]") {
  const auto all = advice("SELECT id, product FROM orders WHERE user_id = 7 AND created_at > "
                          "'2024-01-01' ORDER BY created_at");
  CHECK(offers(all, "CREATE INDEX idx_orders_user_id ON orders(user_id)"));
  CHECK(offers(all, "CREATE INDEX idx_orders_user_id_created_at ON orders(user_id, created_at)"));
  CHECK(offers(all, "CREATE INDEX idx_orders_user_id_created_at_product ON orders(user_id, "
                    "created_at, product)"));
  for (const auto& one : all) {
    CHECK(one.type == "indexing");
    CHECK(one.rule.rfind("index-", 0) == 0);
    CHECK(!one.explanation.empty());
  }
}

TEST_CASE("a condition with a constant becomes a partial index without its column", "[rewrite]") {
  CHECK(offers(advice("SELECT id FROM orders WHERE status = 'open' AND amount > 5"),
               "CREATE INDEX idx_orders_amount_if_status ON orders(amount) WHERE status = 'open'"));
}

TEST_CASE("a function that stays on its column becomes an expression index", "[rewrite]") {
  CHECK(offers(advice("SELECT id FROM users WHERE lower(email) = 'a@x'"),
               "CREATE INDEX idx_users_lower_email ON users(lower(email))"));
}

TEST_CASE("LIKE with a prefix gets a NOCASE index, the one that SQLite can use", "[rewrite]") {
  CHECK(offers(advice("SELECT id FROM users WHERE email LIKE 'a%'"),
               "CREATE INDEX idx_users_email_collate_nocase ON users(email COLLATE NOCASE)"));
}

TEST_CASE("an order that ends in the rowid is turned so that the index has it", "[rewrite]") {
  CHECK(offers(advice("SELECT * FROM orders ORDER BY amount DESC, id LIMIT 3"),
               "CREATE INDEX idx_orders_amount_desc ON orders(amount DESC)"));
  CHECK(offers(advice("SELECT * FROM orders ORDER BY amount DESC, id DESC LIMIT 3"),
               "CREATE INDEX idx_orders_amount ON orders(amount)"));
}

TEST_CASE("the inner side of a correlated sub-query gets an index too", "[rewrite]") {
  CHECK(offers(advice("SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE "
                      "o.user_id = u.id AND o.status = 'paid')"),
               "CREATE INDEX idx_orders_user_id_status ON orders(user_id, status)"));
}

TEST_CASE("two indexes of different tables are offered when the planner uses both", "[rewrite]") {
  const auto all = advice("SELECT o.id FROM users u JOIN orders o ON o.user_id = u.id WHERE u.city "
                          "= 'Porto' AND o.amount > 5");
  CHECK(std::any_of(all.begin(), all.end(),
                    [](const Proposal& one) { return one.indexes.size() == 2; }));
}

TEST_CASE("what the planner does not take is not offered", "[rewrite]") {
  for (const auto& one : advice("SELECT id FROM orders WHERE status = 'open' AND id = 3"))
    for (const auto& index : one.indexes)
      FAIL(index); // the rowid finds the one row
  for (const auto& one : advice("SELECT id, product FROM orders WHERE quantity <> 3"))
    CHECK(one.indexes[0].find("idx_orders_quantity ON") == std::string::npos);
}

TEST_CASE("an index that is there already is not offered again", "[rewrite]") {
  const auto session = open_shop("CREATE INDEX by_user ON orders(user_id, status);");
  const auto subject = make_subject("SELECT * FROM orders WHERE user_id = 3", *session);
  for (const auto& one : advise_indexes(subject, *session))
    CHECK(one.indexes[0].find("orders(user_id)") != one.indexes[0].size() - 15);
}

TEST_CASE("advice is the same each time", "[rewrite]") {
  const std::string query =
      "SELECT status, sum(amount) FROM orders WHERE created_at > '2024' GROUP "
      "BY status";
  const auto a = advice(query);
  const auto b = advice(query);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(a[i].indexes == b[i].indexes);
}
