#include "catch.hpp"

#include <ctime>
#include <string>

#include "quill/sql/parse.hpp"
#include "quill/sql/text.hpp"

using namespace quill::sql;

namespace {

std::string joined(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (!tokens)
    return "failure: " + tokens.failure().what;
  std::string result;
  for (const auto& token : tokens.value())
    result += (result.empty() ? "" : "·") + std::string(token.text);
  return result;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i)
    result += part;
  return result;
}

/// The failure of parse(), which must come quickly.
std::string quick_failure(const std::string& sql) {
  const auto start = std::clock();
  const auto query = parse(sql, local_grammar());
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
#ifdef QUILL_SANITIZED
  CHECK(seconds < 5);
#else
  CHECK(seconds < 0.05); // of processor time: other programs do not count
#endif
  return query.ok() ? "" : query.failure().what;
}

} // namespace

TEST_CASE("SQLite's spellings are cut into tokens", "[sql]") {
  CHECK(joined("a.`b c`,[d e]\"f\"\"g\"'it''s'") == "a·.·`b c`·,·[d e]·\"f\"\"g\"·'it''s'");
  CHECK(joined("1+.5e3-2.||0x1F%x'00'") == "1·+·.5e3·-·2.·||·0x1F·%·x'00'");
  CHECK(joined("a->>'$'->b<<1>>2<=3<>4!=5==6") == "a·->>·'$'·->·b·<<·1·>>·2·<=·3·<>·4·!=·5·==·6");
  CHECK(joined("?1 ? :a @b $c") == "?1·?·:a·@b·$c");
  CHECK(joined("a -- to the end\n/* and ; ' */ b /* open") == "a·b");
  CHECK(joined("größe") == "größe");
}

TEST_CASE("text that cannot be cut names the byte", "[sql]") {
  CHECK(joined("SELECT 'abc") == "failure: string without its closing quote at byte 7");
  CHECK(joined("SELECT \"abc") == "failure: quoted name without its closing quote at byte 7");
  CHECK(joined("[abc") == "failure: [name] without its closing bracket at byte 0");
  CHECK(joined("a ! b") == "failure: unexpected byte 0x21 at byte 2");
  CHECK(joined(std::string_view("a\0b", 3)) == "failure: unexpected byte 0x00 at byte 1");
  CHECK(joined("x'123'") == "failure: malformed blob literal at byte 0");
  CHECK(joined("12ab") == "failure: malformed number at byte 0");
  CHECK(joined("a = :") == "failure: ':' without a name at byte 4");
}

TEST_CASE("each cap is a failure that says which", "[sql]") {
  TextCaps caps;
  caps.bytes = 10;
  CHECK(tokenize("SELECT 1234", caps).failure().what == "11 bytes of SQL; at most 10 are read");
  caps = {};
  caps.tokens = 3;
  CHECK(tokenize("a b c d", caps).failure().what == "more than 3 words and signs");
  caps = {};
  caps.nesting = 2;
  CHECK(tokenize("((1))", caps).ok());
  CHECK(tokenize("(((1)))", caps).failure().what ==
        "more than 2 nested parentheses and CASEs at byte 2");
  CHECK(tokenize("CASE WHEN (CASE WHEN 1", caps).failure().what ==
        "more than 2 nested parentheses and CASEs at byte 11");
  caps = {};
  caps.operator_chain = 3;
  CHECK(tokenize("1+1+1+1, 1+1+1+1", caps).ok());
  CHECK(tokenize("1+1+1+1+1", caps).failure().what == "more than 3 operators in a chain at byte 7");
}

TEST_CASE("monstrous statements fail at once", "[sql]") {
  CHECK(quick_failure("SELECT '" + std::string(1'100'000, 'x') + "'") ==
        "1100009 bytes of SQL; at most 1048576 are read");
  CHECK(quick_failure("SELECT 1" + repeated("+1", 100'000)) ==
        "more than 500 operators in a chain at byte 1008"); // 8 + 2 * 500
  CHECK(quick_failure("SELECT " + repeated("(", 100'000) + "1" + repeated(")", 100'000)) ==
        "more than 200 nested parentheses and CASEs at byte 207"); // 7 + 200
  CHECK(quick_failure("SELECT " + repeated("NOT ", 100'000) + "1") ==
        "more than 500 operators in a chain at byte 2007"); // 7 + 4 * 500
  CHECK(quick_failure("SELECT 1 WHERE 1" + repeated(" OR 1", 100'000)) ==
        "more than 500 operators in a chain at byte 2517"); // 16 + 1 + 5 * 500
  CHECK(quick_failure("SELECT 1" + repeated(" UNION SELECT 1", 10'000)) ==
        "more than 500 operators in a chain at byte 7509"); // 8 + 1 + 15 * 500
  CHECK(quick_failure("SELECT 1 FROM t" + repeated(" JOIN t", 10'000)) ==
        "more than 500 operators in a chain at byte 3516"); // 15 + 1 + 7 * 500
  CHECK(quick_failure("SELECT 1 FROM t" + repeated(",t", 5'000)) == "more than 500 joins");
  CHECK(quick_failure("SELECT 1 IN (1" + repeated(",1", 20'000) + ")") ==
        "more than 20000 words and signs");
  CHECK(quick_failure("SELECT " + repeated("CASE WHEN 1 THEN ", 50'000)) ==
        "more than 200 nested parentheses and CASEs at byte 3407"); // 7 + 17 * 200
  CHECK(
      quick_failure("SELECT " + repeated(repeated("NOT ", 400) + "(", 150) + "1") ==
      "operators nested too deep at byte 4810"); // 7 + 3 * 1601: 1200 within three levels, one more
}

TEST_CASE("what is within the caps is read", "[sql]") {
  CHECK(parse("SELECT 1 IN (1" + repeated(",1", 9'990) + ")", local_grammar()).ok());
  CHECK(parse("SELECT 1" + repeated("+1", 499), local_grammar()).ok());
  CHECK(parse("SELECT 1" + repeated(" UNION SELECT 1", 499), local_grammar()).ok());
  CHECK(parse("SELECT 1 FROM t" + repeated(",t", 499), local_grammar()).ok());
  CHECK(parse("SELECT " + repeated("(", 199) + "1" + repeated(")", 199), local_grammar()).ok());
  CHECK(parse("SELECT '" + std::string(1'000'000, 'x') + "'", local_grammar()).ok());
  const auto nested = "SELECT " + repeated("(SELECT ", 190) + "1" + repeated(")", 190);
  const auto query = parse(nested, local_grammar());
  REQUIRE(query.ok());
  CHECK(print_sqlite(*query.value()) == nested);
}

TEST_CASE("a script is split at its semicolons, not at those in quotes", "[sql]") {
  const auto parts = split_statements(" ; SELECT ';' ;\n-- ; \nSELECT [;] /* ; */ ; ");
  REQUIRE(parts.ok());
  CHECK(parts.value() == std::vector<std::string>{"SELECT ';'", "SELECT [;]"});
  CHECK(split_statements(" ; -- nothing").value().empty());
  CHECK_FALSE(split_statements("SELECT 'a").ok());
}

TEST_CASE("fingerprints forget blanks, comments and letter case of words, and nothing else",
          "[sql]") {
  const auto base = fingerprint("SELECT a FROM t WHERE b='X'");
  CHECK(base.size() == 16);
  CHECK(base == fingerprint("select  A\nfrom T -- note\n where B = 'X' ;"));
  CHECK(base != fingerprint("SELECT a FROM t WHERE b='x'"));
  CHECK(base != fingerprint("SELECT a FROM t WHERE \"b\"='X'"));
  CHECK(base != fingerprint("SELECT a FROM t WHERE b=X"));
  CHECK(fingerprint("SELECT 'open") != fingerprint("SELECT 'other"));
}

TEST_CASE("long statements have fingerprints of their tokens too", "[sql]") {
  const auto a = "SELECT 1 IN (1" + repeated(", 1", 30'000) + ")";
  const auto b = "select 1 in (1" + repeated(",1", 30'000) + ")";
  CHECK(fingerprint(a) == fingerprint(b));
}

TEST_CASE("CREATE INDEX is told by its first words", "[sql]") {
  CHECK(is_create_index("create index i on t(a)"));
  CHECK(is_create_index("/* x */ CREATE UNIQUE -- y\n INDEX i ON t(a)"));
  CHECK_FALSE(is_create_index("CREATE TABLE t(a)"));
  CHECK_FALSE(is_create_index("CREATE UNIQUE"));
  CHECK_FALSE(is_create_index("SELECT 1"));
  CHECK_FALSE(is_create_index(""));
}
