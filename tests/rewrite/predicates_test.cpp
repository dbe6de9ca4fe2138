#include "catch.hpp"
#include "rewrite/shop.hpp"

using namespace quill::rewrite::tests;

// ---- or-chain-to-in
// ------------------------------------------------------------------------------

TEST_CASE("text in double quotes that names no column is a text to every rule", "[rewrite]") {
  CHECK(rewritten("or-chain-to-in",
                  "SELECT id FROM orders WHERE status = \"paid\" OR status = "
                  "\"sent\"") == "SELECT id FROM orders WHERE status IN ('paid', 'sent')");
}

TEST_CASE("an OR chain over one column becomes IN", "[rewrite]") {
  CHECK(rewritten("or-chain-to-in", "SELECT id FROM orders WHERE status = 'paid' OR 'open' = "
                                    "status OR status = 'lost'") ==
        "SELECT id FROM orders WHERE status IN ('paid', 'open', 'lost')");
}

TEST_CASE("an OR chain keeps the arms that are about something else", "[rewrite]") {
  CHECK(rewritten("or-chain-to-in",
                  "SELECT id FROM orders WHERE status = 'a' OR quantity > 3 OR status = 'b'") ==
        "SELECT id FROM orders WHERE status IN ('a', 'b') OR quantity > 3");
}

TEST_CASE("an OR chain over one function of a column becomes IN", "[rewrite]") {
  CHECK(rewritten("or-chain-to-in",
                  "SELECT id FROM orders WHERE lower(status) = 'a' OR lower(status) = 'b'") ==
        "SELECT id FROM orders WHERE lower(status) IN ('a', 'b')");
}

TEST_CASE("an OR over different columns, or with another operator, stays", "[rewrite]") {
  CHECK(rewritten("or-chain-to-in", "SELECT id FROM orders WHERE status = 'a' OR product = 'a'") ==
        "");
  CHECK(rewritten("or-chain-to-in", "SELECT id FROM orders WHERE status = 'a' OR status > 'b'") ==
        "");
}

TEST_CASE("an OR chain against columns stays: a column brings its own affinity", "[rewrite]") {
  CHECK(rewritten("or-chain-to-in",
                  "SELECT id FROM orders WHERE status = product OR status = note") == "");
}

// ---- date-function-to-range
// ----------------------------------------------------------------------

TEST_CASE("a month by strftime becomes a half-open range", "[rewrite]") {
  CHECK(rewritten("date-function-to-range",
                  "SELECT id FROM orders WHERE strftime('%Y-%m', created_at) = '2023-12'") ==
        "SELECT id FROM orders WHERE created_at >= '2023-12-01' AND created_at < '2024-01-01'");
}

TEST_CASE("a day by date() becomes a half-open range, leap days included", "[rewrite]") {
  CHECK(rewritten("date-function-to-range",
                  "SELECT id FROM orders WHERE date(created_at) = '2024-02-28'") ==
        "SELECT id FROM orders WHERE created_at >= '2024-02-28' AND created_at < '2024-02-29'");
  CHECK(rewritten("date-function-to-range",
                  "SELECT id FROM orders WHERE date(created_at) > '2023-02-28'") ==
        "SELECT id FROM orders WHERE created_at >= '2023-03-01'");
}

TEST_CASE("a year as a number or a range of years becomes a range of dates", "[rewrite]") {
  CHECK(rewritten("date-function-to-range", "SELECT id FROM orders WHERE CAST(strftime('%Y', "
                                            "created_at) AS INTEGER) = 2024") ==
        "SELECT id FROM orders WHERE created_at >= '2024-01-01' AND created_at < '2025-01-01'");
  CHECK(rewritten("date-function-to-range", "SELECT id FROM orders WHERE strftime('%Y', "
                                            "created_at) BETWEEN '2022' AND '2023'") ==
        "SELECT id FROM orders WHERE created_at >= '2022-01-01' AND created_at < '2024-01-01'");
}

TEST_CASE("a list of days that follow each other becomes one range", "[rewrite]") {
  CHECK(rewritten("date-function-to-range", "SELECT id FROM orders WHERE date(created_at) IN "
                                            "('2024-03-15', '2024-03-14', '2024-05-01')") ==
        "SELECT id FROM orders WHERE created_at >= '2024-03-14' AND created_at < '2024-03-16' OR "
        "created_at >= '2024-05-01' AND created_at < '2024-05-02'");
}

TEST_CASE("a text year compared with a number stays: it is never equal", "[rewrite]") {
  CHECK(rewritten("date-function-to-range",
                  "SELECT id FROM orders WHERE strftime('%Y', created_at) = 2024") == "");
}

TEST_CASE("a date that does not exist or is not padded stays", "[rewrite]") {
  for (const char* day : {"2023-02-29", "2024-3-01", "2024-13-01", "2024-03-01 10:00", "x"})
    CHECK(rewritten("date-function-to-range", "SELECT id FROM orders WHERE date(created_at) = '" +
                                                  std::string(day) + "'") == "");
}

TEST_CASE("one value that is no ISO date keeps the function on the column", "[rewrite]") {
  const std::string query = "SELECT id FROM orders WHERE strftime('%Y', created_at) = '2024'";
  for (const char* value : {"'2024-3-1'", "2460000.5", "'2024-02-31'", "x'61'", "'soon'"}) {
    const auto session = open_shop("INSERT INTO orders VALUES (9, 1, NULL, 'p', 1, 1, 'a', " +
                                   std::string(value) + ", NULL, NULL);");
    INFO(value);
    CHECK(rewritten("date-function-to-range", query, *session) == "");
  }
}

// ---- prefix-to-range
// -----------------------------------------------------------------------------

TEST_CASE("a prefix by substr becomes a half-open range", "[rewrite]") {
  CHECK(rewritten("prefix-to-range",
                  "SELECT id FROM orders WHERE substr(created_at, 1, 7) = '2024-03'") ==
        "SELECT id FROM orders WHERE created_at >= '2024-03' AND created_at < '2024-04'");
  CHECK(rewritten("prefix-to-range", "SELECT id FROM orders WHERE substr(product, 1, 1) >= 'p'") ==
        "SELECT id FROM orders WHERE product >= 'p'");
}

TEST_CASE("LIKE with a prefix of digits becomes a half-open range", "[rewrite]") {
  CHECK(rewritten("prefix-to-range", "SELECT id FROM orders WHERE created_at LIKE '2024-03%'") ==
        "SELECT id FROM orders WHERE created_at >= '2024-03' AND created_at < '2024-04'");
}

TEST_CASE("LIKE with letters stays: it does not mind case", "[rewrite]") {
  CHECK(rewritten("prefix-to-range", "SELECT id FROM orders WHERE product LIKE 'pe%'") == "");
}

TEST_CASE("LIKE with another wildcard, or none, stays", "[rewrite]") {
  for (const char* pattern : {"20_4%", "%2024", "2024", "2024%-01%", "%", ""})
    CHECK(rewritten("prefix-to-range", "SELECT id FROM orders WHERE created_at LIKE '" +
                                           std::string(pattern) + "'") == "");
}

TEST_CASE("LIKE over a column that holds a blob stays: LIKE reads it as text", "[rewrite]") {
  const auto session =
      open_shop("INSERT INTO orders VALUES (9, 1, NULL, 'p', 1, 1, 'a', x'32303234', NULL, NULL);");
  CHECK(rewritten("prefix-to-range", "SELECT id FROM orders WHERE created_at LIKE '2024%'",
                  *session) == "");
}

TEST_CASE("substr that does not start at 1, or a literal of another length, stays", "[rewrite]") {
  CHECK(rewritten("prefix-to-range",
                  "SELECT id FROM orders WHERE substr(created_at, 2, 4) = '0240'") == "");
  CHECK(rewritten("prefix-to-range",
                  "SELECT id FROM orders WHERE substr(created_at, 1, 7) = '2024'") == "");
}

TEST_CASE("a prefix of a NOCASE column stays: its order is another one", "[rewrite]") {
  CHECK(rewritten("prefix-to-range", "SELECT id FROM users WHERE substr(nick, 1, 1) = 'a'") == "");
}

TEST_CASE("a prefix of a number column stays", "[rewrite]") {
  CHECK(rewritten("prefix-to-range", "SELECT id FROM orders WHERE substr(quantity, 1, 1) = '1'") ==
        "");
}

// ---- arithmetic-off-column
// -----------------------------------------------------------------------

TEST_CASE("integer arithmetic moves to the other side", "[rewrite]") {
  const auto moved = [](const std::string& condition) {
    return rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE " + condition);
  };
  CHECK(moved("quantity + 10 > 50") == "SELECT id FROM orders WHERE quantity > 40");
  CHECK(moved("10 - quantity >= 3") == "SELECT id FROM orders WHERE quantity <= 7");
  CHECK(moved("quantity * 2 = 6") == "SELECT id FROM orders WHERE quantity = 3");
  CHECK(moved("quantity * 2 > 7") == "SELECT id FROM orders WHERE quantity > 3");   // floor(3.5)
  CHECK(moved("quantity * 2 >= 7") == "SELECT id FROM orders WHERE quantity >= 4"); // ceil(3.5)
  CHECK(moved("quantity * 2 < 7") == "SELECT id FROM orders WHERE quantity < 4");
  CHECK(moved("quantity * 2 <= 7") == "SELECT id FROM orders WHERE quantity <= 3");
  CHECK(moved("quantity * -2 > 7") == "SELECT id FROM orders WHERE quantity < -3"); // ceil(-3.5)
}

TEST_CASE("an operation that changes nothing goes, for reals too", "[rewrite]") {
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE amount + 0 > 5") ==
        "SELECT id FROM orders WHERE amount > 5");
}

TEST_CASE("arithmetic on reals stays and brings a range with room for rounding", "[rewrite]") {
  // 600 / 1.2 = 500; room 1e-9 * (500 + 1.2 + 600 + 1) = 1.1e-6
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE amount * 1.2 > 600") ==
        "SELECT id FROM orders WHERE amount * 1.2 > 600 AND amount > 499.999998898");
}

TEST_CASE("an equality that no integer solves stays", "[rewrite]") {
  // 7 / 2 = 3.5, room 1e-9 * (3.5 + 2 + 7 + 1) = 1.35e-8
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE quantity * 2 = 7") ==
        "SELECT id FROM orders WHERE quantity * 2 = 7 AND (quantity > 3.4999999865 AND quantity < "
        "3.5000000135)");
}

TEST_CASE("arithmetic compared with text stays: the bare column would convert it", "[rewrite]") {
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE quantity + 0 = '2'") == "");
}

TEST_CASE("one value that is no number keeps the arithmetic on the column", "[rewrite]") {
  const auto session = open_shop(
      "INSERT INTO orders VALUES (9, 1, NULL, 'p', 'many', 'x', 'a', '2024-01-01', NULL, NULL);");
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE quantity + 1 > 5",
                  *session) == "");
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE amount + 0 > 5",
                  *session) == "");
}

TEST_CASE("a value beyond 2^53 keeps exact arithmetic away", "[rewrite]") {
  const auto session = open_shop("INSERT INTO orders VALUES (9, 1, NULL, 'p', 9007199254740994, 1, "
                                 "'a', '2024-01-01', NULL, NULL);");
  CHECK(rewritten("arithmetic-off-column", "SELECT id FROM orders WHERE quantity + 1 > 5",
                  *session) != "SELECT id FROM orders WHERE quantity > 4");
}

// ---- coalesce-off-column
// -------------------------------------------------------------------------

TEST_CASE("COALESCE goes when its default fails the comparison", "[rewrite]") {
  CHECK(rewritten("coalesce-off-column", "SELECT id FROM users WHERE coalesce(age, 0) > 18") ==
        "SELECT id FROM users WHERE age > 18");
  CHECK(rewritten("coalesce-off-column", "SELECT id FROM users WHERE ifnull(city, '') = 'Porto'") ==
        "SELECT id FROM users WHERE city = 'Porto'");
}

TEST_CASE("COALESCE becomes OR IS NULL when its default passes", "[rewrite]") {
  CHECK(rewritten("coalesce-off-column", "SELECT id FROM users WHERE coalesce(age, 0) < 18") ==
        "SELECT id FROM users WHERE age < 18 OR age IS NULL");
}

TEST_CASE("COALESCE stays where NULL and false differ", "[rewrite]") {
  CHECK(rewritten("coalesce-off-column", "SELECT coalesce(age, 0) > 18 FROM users") == "");
  CHECK(rewritten("coalesce-off-column",
                  "SELECT id FROM users WHERE NOT (coalesce(age, 0) > 18)") == "");
}

TEST_CASE("COALESCE stays when the bare column would convert or collate", "[rewrite]") {
  CHECK(rewritten("coalesce-off-column", "SELECT id FROM users WHERE coalesce(age, 0) = '18'") ==
        "");
  CHECK(rewritten("coalesce-off-column", "SELECT id FROM users WHERE coalesce(nick, '') = 'ad'") ==
        "");
  CHECK(rewritten("coalesce-off-column", "SELECT id FROM users WHERE coalesce(city, 1) = 'x'") ==
        "");
}
