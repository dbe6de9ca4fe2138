#include "quill/core/error.hpp"

#include "catch.hpp"

using namespace quill;

TEST_CASE("an error shows three lines: what, where, fix", "[core]") {
  const Error error(Exit::usage, {"no such table \"userz\"", "q.sql:3", "did you mean \"users\"?"});
  CHECK(error.format() == "error: no such table \"userz\"\n"
                          "  where: q.sql:3\n"
                          "  fix:   did you mean \"users\"?\n");
  CHECK(error.exit() == Exit::usage);
  CHECK(std::string(error.what()) == "no such table \"userz\"");
}

TEST_CASE("an empty where or fix leaves its line out", "[core]") {
  CHECK(Error(Exit::storage, {"disk full", "", ""}).format() == "error: disk full\n");
  CHECK(Error(Exit::storage, {"disk full", "", "free space"}).format() ==
        "error: disk full\n  fix:   free space\n");
}

TEST_CASE("quoted control characters neither add lines nor reach the terminal", "[core]") {
  const Error error(Exit::usage, {"bad value \"a\nb\x1b[2J\"", "", ""});
  CHECK(error.format() == "error: bad value \"a\\nb\\x1b[2J\"\n");
}

TEST_CASE("exit codes are the fixed ones", "[core]") {
  CHECK(static_cast<int>(Exit::ok) == 0);
  CHECK(static_cast<int>(Exit::negative) == 1);
  CHECK(static_cast<int>(Exit::usage) == 2);
  CHECK(static_cast<int>(Exit::outside) == 3);
  CHECK(static_cast<int>(Exit::budget) == 4);
  CHECK(static_cast<int>(Exit::storage) == 5);
  CHECK(static_cast<int>(Exit::bug) == 70);
  CHECK(static_cast<int>(Exit::interrupted) == 130);
  CHECK(static_cast<int>(Exit::terminated) == 143);
}

TEST_CASE("a broken invariant is a Bug that names its place", "[core]") {
  CHECK_NOTHROW([] { QUILL_CHECK(1 + 1 == 2, "sums"); }());
  CHECK_THROWS_WITH([] { QUILL_CHECK(1 + 1 == 3, "sums"); }(),
                    Catch::Contains("sums (broken: 1 + 1 == 3) at") &&
                        Catch::Contains("error_test.cpp"));
}

TEST_CASE("a Result holds a value or a failure, and reading the other is a Bug", "[core]") {
  const Result<int> good(7);
  CHECK(good.ok());
  CHECK(good.value() == 7);
  CHECK_THROWS_AS(good.failure(), Bug);
  const Result<int> bad(Failure{"refused"});
  CHECK_FALSE(bad);
  CHECK(bad.failure().what == "refused");
  CHECK_THROWS_AS(bad.value(), Bug);
}

TEST_CASE("the nearest word is found by edit distance, case aside", "[core]") {
  const std::vector<std::string> words = {"iterations", "candidates", "seed"};
  CHECK(nearest_word("iteratons", words) == "iterations"); // one letter missing
  CHECK(nearest_word("ITERATIONS", words) == "iterations");
  CHECK(nearest_word("sed", words) == "seed");
  CHECK(nearest_word("xyz", words).empty()); // 4 edits to "seed", 1 + 3/3 allowed
  CHECK(nearest_word("", words).empty());
  CHECK(nearest_word("seed", {}).empty());
}

TEST_CASE("a megabyte is nobody's typing error and costs nothing", "[core]") {
  CHECK(nearest_word(std::string(1U << 20U, 'x'), {"seed", std::string(1U << 20U, 'x')}).empty());
}
