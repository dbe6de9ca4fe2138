#include "catch.hpp"

#include <string>
#include <vector>

#include "quill/sql/index.hpp"

using namespace quill::sql;

TEST_CASE("CREATE INDEX is read into its parts", "[sql]") {
  const auto read = parse_create_index(
      "create unique index if not exists main.[my index] ON `orders` (\"user_id\" ASC, "
      "lower( product )  COLLATE nocase desc , amount * (quantity+1)) where status='paid' ;");
  REQUIRE(read.ok());
  const auto& index = read.value();
  CHECK(index.name == "my index");
  CHECK(index.table == "orders");
  CHECK(index.unique);
  CHECK(index.if_not_exists);
  CHECK(index.terms == std::vector<std::string>{"user_id", "lower(product) COLLATE nocase desc",
                                                "amount * (quantity + 1)"});
  CHECK(index.where == "status = 'paid'");
  CHECK(print_create_index(index) ==
        "CREATE UNIQUE INDEX IF NOT EXISTS \"my index\" ON orders (user_id, lower(product) COLLATE "
        "nocase desc, amount * (quantity + 1)) WHERE status = 'paid'");
}

TEST_CASE("a printed index reads back as the same parts", "[sql]") {
  const std::string text = "CREATE INDEX i ON t (a, \"order\", substr(b, 1, 2)) WHERE c IS NULL";
  CHECK(print_create_index(parse_create_index(text).value()) == text);
}

TEST_CASE("a malformed CREATE INDEX says what is missing and where", "[sql]") {
  const auto failure = [](std::string_view text) {
    return parse_create_index(text).failure().what;
  };
  CHECK(failure("CREATE TABLE t(a)") == "CREATE INDEX: INDEX expected at byte 7");
  CHECK(failure("CREATE INDEX ON t(a)") == "CREATE INDEX: ON expected at byte 16");
  CHECK(failure("CREATE INDEX i ON t") == "CREATE INDEX: ( expected at byte 19");
  CHECK(failure("CREATE INDEX i ON t(a") == "CREATE INDEX: ) expected at byte 21");
  CHECK(failure("CREATE INDEX i ON t()") == "CREATE INDEX: a column expected at byte 20");
  CHECK(failure("CREATE INDEX i ON t(a,)") == "CREATE INDEX: a column expected at byte 22");
  CHECK(failure("CREATE INDEX i ON t(a) garbage") == "CREATE INDEX: the end expected at byte 23");
  CHECK(failure("CREATE INDEX i ON t(a) WHERE") == "CREATE INDEX: a condition expected at byte 28");
  CHECK(failure("") == "CREATE INDEX: CREATE expected at byte 0");
}

TEST_CASE("a term that is a column is told from an expression", "[sql]") {
  CHECK(column_of_term("\"user id\" COLLATE NOCASE DESC") == "user id");
  CHECK(column_of_term("city") == "city");
  CHECK(column_of_term("city DESC") == "city");
  CHECK(column_of_term("lower(city)").empty());
  CHECK(column_of_term("a + b").empty());
  CHECK(column_of_term("").empty());
}

TEST_CASE("indexes have the same shape whatever their names, case, blanks and quotes", "[sql]") {
  const auto base = index_shape("CREATE INDEX i ON orders (user_id, amount DESC)");
  CHECK(base == index_shape("create index other on Orders(\"USER_ID\" asc,[amount]  desc);"));
  CHECK(base != index_shape("CREATE INDEX i ON orders (amount DESC, user_id)"));
  CHECK(base != index_shape("CREATE INDEX i ON orders (user_id, amount)"));
  CHECK(base != index_shape("CREATE UNIQUE INDEX i ON orders (user_id, amount DESC)"));
  CHECK(base != index_shape("CREATE INDEX i ON orders (user_id, amount DESC) WHERE amount > 1"));
  CHECK(index_shape("CREATE INDEX i ON t (a) WHERE b = 'X'") !=
        index_shape("CREATE INDEX i ON t (a) WHERE b = 'x'"));
}
