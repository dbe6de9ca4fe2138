#include "catch.hpp"

#include <string>

#include "quill/sql/parse.hpp"
#include "quill/sql/resolve.hpp"
#include "quill/sql/walk.hpp"
#include "sql/shop.hpp"

using namespace quill::sql;

namespace {

QueryPtr tree(std::string_view sql) {
  auto query = parse(sql, local_grammar());
  REQUIRE(query.ok());
  return std::move(query).value();
}

const Schema& shop() {
  static const Schema schema = test::shop();
  return schema;
}

/// The source of `column` in the outermost block, "" when it has none.
std::string source_of(std::string_view sql, const Column& column) {
  const auto query = tree(sql);
  const Scope scope(*query, shop());
  const auto* source = scope.find(column);
  return source ? source->name : "";
}

/// Each item of the outermost SELECT: may it be NULL?
std::string nullable_items(std::string_view sql) {
  const auto query = tree(sql);
  const Scope scope(*query, shop());
  std::string result;
  for (const auto& item : query->select()->items)
    result += scope.may_be_null(*item.expr) ? 'n' : '.';
  return result;
}

/// Is the first sub-query of WHERE correlated?
bool correlated(std::string_view sql) {
  const auto query = tree(sql);
  const Scope scope(*query, shop());
  const Query* found = nullptr;
  walk(
      *query->select()->where,
      [&](const Expr& expr) {
        if (const auto* exists = expr.as<Exists>())
          found = found ? found : exists->query.get();
        if (const auto* in = expr.as<InQuery>())
          found = found ? found : in->query.get();
        if (const auto* scalar = expr.as<Scalar>())
          found = found ? found : scalar->query.get();
        return Descend::yes;
      },
      false);
  REQUIRE(found);
  return is_correlated(*found, shop(), scope);
}

std::string settled(std::string_view sql) {
  auto query = tree(sql);
  settle_quoted_names(*query, shop());
  return print_sqlite(*query);
}

} // namespace

TEST_CASE("a column belongs to the source that has it", "[sql]") {
  const auto* sql = "SELECT 1 FROM users u JOIN orders ON 1";
  CHECK(source_of(sql, {"", "NAME"}) == "u");
  CHECK(source_of(sql, {"", "amount"}) == "orders");
  CHECK(source_of(sql, {"U", "id"}) == "u");
  CHECK(source_of(sql, {"", "id"}).empty());        // both have it
  CHECK(source_of(sql, {"users", "name"}).empty()); // its alias hides the name
  CHECK(source_of(sql, {"u", "amount"}).empty());   // it has none
  CHECK(source_of("SELECT 1 FROM users", {"", "rowid"}) == "users");
}

TEST_CASE("derived tables and CTEs have the columns they give", "[sql]") {
  const auto* sql = "WITH w(x, y) AS (SELECT id, age FROM users), s AS (SELECT * FROM w) "
                    "SELECT 1 FROM s, (SELECT o.*, amount * 2 AS twice, quantity FROM orders o) d, "
                    "(VALUES (1, 2)) v";
  CHECK(source_of(sql, {"", "x"}) == "s");
  CHECK(source_of(sql, {"s", "y"}) == "s");
  CHECK(source_of(sql, {"s", "age"}).empty());
  CHECK(source_of(sql, {"", "twice"}) == "d");
  CHECK(source_of(sql, {"", "product"}) == "d");
  CHECK(source_of(sql, {"", "column2"}) == "v");
}

TEST_CASE("CTEs that read themselves end", "[sql]") {
  CHECK(source_of("WITH RECURSIVE r AS (SELECT * FROM r) SELECT 1 FROM r", {"", "a"}).empty());
  CHECK(source_of("WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT 1 FROM a",
                  {"", "x"})
            .empty());
  CHECK(source_of("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT 1 "
                  "FROM r",
                  {"", "n"}) == "r");
}

TEST_CASE("the optional side of an outer join is nullable", "[sql]") {
  const auto flags = [](std::string_view sql) {
    const auto query = tree(sql);
    const Scope scope(*query, shop());
    std::string result;
    for (const auto& source : scope.sources())
      result += source.nullable ? 'n' : '.';
    return result;
  };
  CHECK(flags("SELECT 1 FROM users a LEFT JOIN users b ON 1 JOIN users c ON 1") == ".n.");
  CHECK(flags("SELECT 1 FROM users a JOIN users b ON 1 RIGHT JOIN users c ON 1") == "nn.");
  CHECK(flags("SELECT 1 FROM users a FULL JOIN users b ON 1") == "nn");
  CHECK(flags("SELECT 1 FROM users a LEFT JOIN (users b JOIN users c ON 1) ON 1") == ".nn");
}

TEST_CASE("what may be NULL is told from declared columns, joins and functions", "[sql]") {
  CHECK(nullable_items("SELECT id, name, age, rowid, u.country FROM users u") == "..n..");
  CHECK(nullable_items("SELECT u.name, o.amount FROM users u LEFT JOIN orders o ON 1") == ".n");
  CHECK(nullable_items("SELECT 1, NULL, 'a', -id, age + 1, id / 1, id || name FROM users") ==
        ".n..nn.");
  CHECK(nullable_items("SELECT age IS NULL, age IS 3, age = 3, id = 3, EXISTS (SELECT 1), "
                       "id IN (1, 2), id IN (1, NULL), id IN (SELECT 1), (SELECT 1) FROM users") ==
        "..n...nnn");
  CHECK(nullable_items("SELECT count(age), sum(id), total(id), max(id), coalesce(age, 0), "
                       "ifnull(age, city), lower(name), lower(city), date(name), "
                       "(SELECT count(*) FROM orders) FROM users") == ".n.n.n.nn.");
  CHECK(nullable_items("SELECT CASE WHEN age THEN 1 ELSE 2 END, CASE WHEN age THEN 1 END, "
                       "CASE WHEN age THEN city ELSE 1 END, CAST(id AS TEXT), ?1 FROM users") ==
        ".nn.n");
  CHECK(nullable_items("SELECT n, a, i, l, c FROM (SELECT name AS n, age AS a, id AS i, "
                       "length(name) AS l FROM users) d, (SELECT count(*) AS c FROM users) e") ==
        ".n...");
  CHECK(nullable_items("SELECT n, c, l FROM (SELECT name AS n, count(*) AS c, length(name) AS l "
                       "FROM users)") == "n.n"); // over no rows there is one row of NULLs
  CHECK(nullable_items("SELECT unknown FROM users") == "n");
}

TEST_CASE("a sub-query is correlated when it reads a column of an enclosing block", "[sql]") {
  CHECK(correlated("SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = "
                   "u.id)"));
  CHECK(correlated("SELECT 1 FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = age)"));
  CHECK(correlated("SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM (SELECT id FROM orders WHERE "
                   "user_id = u.id) d)"));
  CHECK(correlated("SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM orders UNION SELECT u.id)"));
  CHECK(correlated("SELECT 1 FROM users u WHERE EXISTS (WITH w AS (SELECT u.id) SELECT 1 FROM w)"));
  CHECK_FALSE(correlated("SELECT 1 FROM users WHERE id IN (SELECT user_id FROM orders)"));
  CHECK_FALSE(correlated("SELECT 1 FROM users WHERE id IN (SELECT id FROM orders)"));
  CHECK_FALSE(correlated("SELECT 1 FROM users WHERE id IN (SELECT user_id AS x FROM orders ORDER "
                         "BY x)"));
  CHECK_FALSE(correlated("SELECT 1 FROM users u WHERE id IN (SELECT user_id FROM orders o WHERE "
                         "EXISTS (SELECT 1 FROM users v WHERE v.id = o.id))"));
  CHECK_FALSE(correlated("SELECT 1 FROM users u WHERE id IN (SELECT user_id FROM orders WHERE "
                         "status = \"paid\")"));
  CHECK(correlated("SELECT 1 FROM users u WHERE id IN (SELECT x FROM a_view)")); // cannot be told
}

TEST_CASE("a name in double quotes is a string where no column has it", "[sql]") {
  CHECK(settled("SELECT \"name\" FROM users WHERE city = \"Berlin\"") ==
        "SELECT name FROM users WHERE city = 'Berlin'");
  CHECK(settled("SELECT 1 FROM users u WHERE EXISTS (SELECT 1 FROM orders WHERE status = \"city\" "
                "AND product = \"town\")") ==
        "SELECT 1 FROM users AS u WHERE EXISTS (SELECT 1 FROM orders WHERE status = city AND "
        "product = 'town')");
  CHECK(settled("SELECT age AS \"years\" FROM users ORDER BY \"years\"") ==
        "SELECT age AS years FROM users ORDER BY years");
  CHECK(settled("SELECT \"x\" FROM a_view") == "SELECT \"x\" FROM a_view");
  CHECK(settled("SELECT age FROM users UNION SELECT 1 FROM orders WHERE status = \"paid\"") ==
        "SELECT age FROM users UNION SELECT 1 FROM orders WHERE status = 'paid'");
}

TEST_CASE("tables are found without case, keys need every part NOT NULL", "[sql]") {
  const auto* users = shop().table("USERS");
  REQUIRE(users);
  CHECK(shop().table("nothing") == nullptr);
  CHECK(users->column("Name")->type == "TEXT");
  CHECK(users->column("nothing") == nullptr);
  CHECK(users->has_key({"name", "ID"}));
  CHECK(users->has_key({"email"}));
  CHECK_FALSE(users->has_key({"city", "name"})); // city may be NULL, and NULLs repeat
  CHECK_FALSE(users->has_key({}));
}

TEST_CASE("a schema prints one statement a line", "[sql]") {
  CHECK(shop().ddl() == "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
                        "CREATE TABLE orders (id INTEGER PRIMARY KEY);\n"
                        "CREATE INDEX o_user ON orders(user_id);\n");
}

TEST_CASE("affinity follows SQLite's rules in their order", "[sql]") {
  CHECK(affinity("INTEGER") == Affinity::integer);
  CHECK(affinity("charint") == Affinity::integer);
  CHECK(affinity("VARCHAR(10)") == Affinity::text);
  CHECK(affinity("clob") == Affinity::text);
  CHECK(affinity("BLOB") == Affinity::blob);
  CHECK(affinity("") == Affinity::blob);
  CHECK(affinity("DOUBLE PRECISION") == Affinity::real);
  CHECK(affinity("floating") == Affinity::real);
  CHECK(affinity("FLOATING POINT") == Affinity::integer); // "POINT" holds "INT"
  CHECK(affinity("DECIMAL(10, 2)") == Affinity::numeric);
  CHECK(affinity("DATE") == Affinity::numeric);
}
