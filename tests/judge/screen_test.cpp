#include "judge/screen.hpp"

#include "catch.hpp"

using namespace quill::judge;

namespace {

struct Case {
  std::string before, after;
  std::vector<std::string> before_reads{"orders"}, after_reads{"orders"};
  quill::sql::Needs needs{};
  std::int64_t rows = 20;
};

std::string doubt(const Case& pair) {
  quill::engine::Sample before, after;
  before.tables_read = pair.before_reads;
  after.tables_read = pair.after_reads;
  before.row_count = after.row_count = pair.rows;
  return why_doubtful({.before = pair.before,
                       .after = pair.after,
                       .before_sample = before,
                       .after_sample = after,
                       .needs = pair.needs});
}

quill::sql::Schema shop() {
  quill::sql::Table table;
  table.name = "orders";
  table.columns = {{.name = "id", .type = "INTEGER", .not_null = true},
                   {.name = "user_id", .type = "INTEGER", .not_null = true}};
  table.unique = {{"id"}};
  quill::sql::Schema schema;
  schema.tables.push_back(table);
  return schema;
}

} // namespace

TEST_CASE("an answer without a table is doubtful", "[judge]") {
  CHECK(doubt({.before = "SELECT count(*) FROM orders", .after = "SELECT 50000", .after_reads = {}})
            .find("reads no table") != std::string::npos);
  CHECK(
      doubt({.before = "SELECT 1 + 1", .after = "SELECT 2", .before_reads = {}, .after_reads = {}})
          .empty());
}

TEST_CASE("a table left out for a constant is doubtful, left out without one it is not",
          "[judge]") {
  const std::string before =
      "SELECT o.id FROM orders o WHERE o.amount > (SELECT avg(age) FROM users)";
  CHECK(doubt({.before = before,
               .after = "SELECT o.id FROM orders o WHERE o.amount > 43.7",
               .before_reads = {"orders", "users"}}) ==
        "after does not read \"users\" and brings the constant 43.7: it may be this database's "
        "answer");
  CHECK(doubt({.before = "SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id",
               .after = "SELECT o.id FROM orders o",
               .before_reads = {"orders", "users"}})
            .empty());
  CHECK(doubt({.before = "SELECT o.id, 'x' FROM orders o LEFT JOIN users u ON u.id = o.user_id",
               .after = "SELECT o.id, coalesce(NULL, 'x') FROM orders o WHERE 1 AND 0 = 0",
               .before_reads = {"orders", "users"}})
            .empty());
}

TEST_CASE("a LIMIT that before has not is doubtful wherever it stands", "[judge]") {
  const std::string before = "SELECT id FROM orders WHERE user_id IN (SELECT id FROM users)";
  CHECK(doubt({.before = before, .after = before + " LIMIT 50000"}) ==
        "after has LIMIT 50000 and before has not: it may cut other data");
  CHECK(!doubt({.before = before,
                .after = "SELECT id FROM (SELECT * FROM orders ORDER BY id DESC LIMIT 5000)"})
             .empty());
  CHECK(doubt({.before = before, .after = before + " LIMIT (SELECT 5)"}) ==
        "after has a computed LIMIT that before has not: it may cut other data");
  CHECK(!doubt({.before = before, .after = before + " LIMIT 1 + 5000"}).empty());
  CHECK(!doubt({.before = before, .after = before + " LIMIT 0, 5000"}).empty());
}

TEST_CASE("a LIMIT that before or its user asks for is none to doubt", "[judge]") {
  const std::string before = "SELECT id FROM orders ORDER BY id LIMIT 10 OFFSET 5";
  CHECK(
      doubt({.before = before, .after = "SELECT id FROM orders ORDER BY id LIMIT 5, 10"}).empty());
  CHECK(doubt({.before = before,
               .after = "SELECT id FROM (SELECT id FROM orders ORDER BY id LIMIT 15) ORDER BY id "
                        "LIMIT 10 OFFSET 5"})
            .empty());
  CHECK(doubt({.before = "SELECT max(id) FROM orders",
               .after = "SELECT id FROM orders ORDER BY id DESC LIMIT 1",
               .rows = 1})
            .empty()); // one row or none: that is for the proof
  CHECK(doubt({.before = "SELECT id FROM orders ORDER BY id",
               .after = "SELECT id FROM orders ORDER BY id LIMIT 7",
               .needs = {.columns = {}, .top = 7}})
            .empty());
}

TEST_CASE("an order that after leaves to chance is doubtful, of one row it is not", "[judge]") {
  const Case lost{.before = "SELECT id FROM orders ORDER BY id", .after = "SELECT id FROM orders"};
  CHECK(doubt(lost).find("after does not") != std::string::npos);
  Case one = lost;
  one.rows = 1;
  CHECK(doubt(one).empty());
}

TEST_CASE("a UNIQUE index may stand on a key, and on nothing else", "[judge]") {
  CHECK(why_not_built({"CREATE INDEX i ON orders(user_id)"}, shop()).empty());
  CHECK(why_not_built({"CREATE UNIQUE INDEX i ON orders(user_id, id)"}, shop()).empty());
  CHECK(why_not_built({"CREATE INDEX i ON orders(id)", "CREATE UNIQUE INDEX u ON orders(user_id)"},
                      shop()) == "the UNIQUE index \"u\" refuses rows that the schema allows");
}
