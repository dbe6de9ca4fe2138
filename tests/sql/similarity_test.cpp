#include "catch.hpp"

#include <string>

#include "quill/sql/parse.hpp"
#include "quill/sql/similarity.hpp"
#include "sql/samples.hpp"

using namespace quill::sql;

namespace {

QueryPtr tree(std::string_view sql) {
  auto query = parse(sql, local_grammar());
  REQUIRE(query.ok());
  return std::move(query).value();
}

double alike(std::string_view a, std::string_view b) {
  return similarity(gram_profile(*tree(a)), gram_profile(*tree(b)));
}

} // namespace

TEST_CASE("queries of the corpus have one fingerprint iff their trees are equal", "[sql]") {
  std::vector<QueryPtr> trees;
  std::vector<std::string> prints;
  for (const auto& sql : test::lines_of("corpus.sql")) {
    trees.push_back(tree(sql));
    prints.push_back(fingerprint(*trees.back()));
  }
  for (std::size_t i = 0; i < trees.size(); ++i)
    for (std::size_t j = i; j < trees.size(); ++j)
      if ((prints[i] == prints[j]) != equal(*trees[i], *trees[j]))
        FAIL_CHECK(print_sqlite(*trees[i]) << "\n" << print_sqlite(*trees[j]));
}

TEST_CASE("a fingerprint may look past literals and names", "[sql]") {
  const auto a = tree("SELECT name FROM users WHERE age > 30 AND city = 'Oslo'");
  const auto b = tree("SELECT name FROM users WHERE age > 31 AND city = 'Rome'");
  const auto c = tree("SELECT title FROM books b WHERE year > 31 AND shelf = 'Rome'");
  const auto d = tree("SELECT title FROM books b WHERE year > 3.5 AND shelf = 'Rome'");
  CHECK(fingerprint(*a) != fingerprint(*b));
  CHECK(fingerprint(*a, {.literals = false}) == fingerprint(*b, {.literals = false}));
  CHECK(fingerprint(*b, {.names = false}) == fingerprint(*c, {.names = false}));
  const Detail shape{.names = false, .literals = false};
  CHECK(fingerprint(*a, shape) == fingerprint(*c, shape));
  CHECK(fingerprint(*c, shape) != fingerprint(*d, shape)); // an integer is no real
  CHECK(fingerprint(*a).size() == 16);
}

TEST_CASE("similarity is 1 for one shape, symmetric, and falls with what differs", "[sql]") {
  const auto* base = "SELECT u.name, count(*) FROM users u JOIN orders o ON o.user_id = u.id WHERE "
                     "o.status = 'paid' AND u.age > 30 GROUP BY u.name";
  CHECK(alike(base, base) == 1);
  // names, literals and the order of conjuncts do not count
  CHECK(alike(base, "SELECT a.t, count(*) FROM books a JOIN loans l ON l.b = a.i WHERE a.y > 7 AND "
                    "l.s = 'x' GROUP BY a.t") == 1);
  const auto near = alike(base, "SELECT u.name, sum(o.amount) FROM users u JOIN orders o ON "
                                "o.user_id = u.id WHERE o.status = 'paid' GROUP BY u.name");
  const auto far = alike(base, "SELECT 1 UNION SELECT max(x) FROM (SELECT x FROM t LIMIT 3)");
  CHECK(near > 0.6);
  CHECK(near < 1);
  CHECK(far < 0.3);
  CHECK(alike("SELECT 1", "SELECT 1 WHERE 2") == alike("SELECT 1 WHERE 2", "SELECT 1"));
}
