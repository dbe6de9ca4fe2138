#include "quill/task/candidate.hpp"

#include "catch.hpp"

#include <string>

using quill::task::Candidate;
using quill::task::extract_candidate;

namespace {

Candidate found(const std::string& answer) {
  const auto candidate = extract_candidate(answer);
  INFO(answer);
  if (!candidate)
    FAIL(candidate.failure().what);
  return candidate.value();
}

std::string refused(const std::string& answer) {
  const auto candidate = extract_candidate(answer);
  REQUIRE_FALSE(candidate.ok());
  return candidate.failure().what;
}

} // namespace

TEST_CASE("a JSON object gives statement, indexes, type and explanation", "[task]") {
  const Candidate candidate = found(
      R"json({"after": "SELECT id FROM orders", "indexes": ["CREATE INDEX i ON orders(status)"],
          "type": "indexing", "explanation": "An index."})json");
  CHECK(candidate.after == "SELECT id FROM orders");
  CHECK(candidate.indexes == std::vector<std::string>{"CREATE INDEX i ON orders(status)"});
  CHECK(candidate.type == "indexing");
  CHECK(candidate.explanation == "An index.");
  CHECK(candidate.rule.empty());
}

TEST_CASE("words, fences and thoughts around the object do not matter", "[task]") {
  CHECK(found("Sure!\n```json\n{\"after\": \"SELECT 1\"}\n```\nDone.").after == "SELECT 1");
  CHECK(found("<think>{\"after\": \"SELECT 0\"}</think>{\"after\": \"SELECT 1\"}").after ==
        "SELECT 1");
  CHECK(found("{\"after\": \"SELECT 0\"}</think>\n{\"after\": \"SELECT 1\"}").after == "SELECT 1");
  CHECK(found("Use {x} like {\"y\": 1}: {\"after\": \"SELECT '{' \"}").after == "SELECT '{'");
}

TEST_CASE("a line break inside a JSON string is read as one", "[task]") {
  CHECK(found("{\"after\": \"SELECT 1\nFROM t\"}").after == "SELECT 1\nFROM t");
}

TEST_CASE("an object with indexes only leaves the statement as it was", "[task]") {
  const Candidate candidate = found(R"json({"indexes": "CREATE INDEX i ON t(a)"})json");
  CHECK(candidate.after.empty());
  CHECK(candidate.indexes.size() == 1);
}

TEST_CASE("indexes inside after are taken out, repeated ones once", "[task]") {
  const Candidate candidate = found(
      R"json({"after": "CREATE INDEX i ON t(a); SELECT a FROM t;", "indexes": ["CREATE INDEX i ON t(a)"]})json");
  CHECK(candidate.after == "SELECT a FROM t");
  CHECK(candidate.indexes == std::vector<std::string>{"CREATE INDEX i ON t(a)"});
}

TEST_CASE("a type that is none of the five is left open", "[task]") {
  CHECK(found(R"json({"after": "SELECT 1", "type": "magic"})json").type.empty());
  CHECK(found(R"json({"after": "SELECT 1", "type": 3})json").type.empty());
}

TEST_CASE("SQL blocks: indexes may stand in one of their own", "[task]") {
  const Candidate candidate = found("First\n```sql\nCREATE INDEX i ON t(a);\n```\nthen\n"
                                    "```SQL\nSELECT a FROM t\n```\nBecause it is sorted.");
  CHECK(candidate.after == "SELECT a FROM t");
  CHECK(candidate.indexes.size() == 1);
  CHECK(candidate.explanation == "Because it is sorted.");
}

TEST_CASE("the first SQL block with a statement counts, blocks of other languages do not",
          "[task]") {
  CHECK(found("```python\nprint(1)\n```\n```sql\nSELECT 1\n```\n```sql\nSELECT 2\n```").after ==
        "SELECT 1");
  CHECK(found("```\nWITH a AS (SELECT 1) SELECT * FROM a\n```").after ==
        "WITH a AS (SELECT 1) SELECT * FROM a");
  CHECK(found("```sql\nSELECT 1").after == "SELECT 1"); // cut off after the block began
}

TEST_CASE("bare SQL is an answer too", "[task]") {
  CHECK(found("  select 1;  ").after == "select 1");
}

TEST_CASE("what is no candidate says why", "[task]") {
  CHECK(refused("") == "the answer is empty");
  CHECK(refused("<think>hm</think>") == "the answer is empty");
  CHECK(refused("I cannot help with that.") ==
        "the answer holds neither a JSON object with \"after\" nor a ```sql block");
  CHECK(refused("```sql\nSELECT 1; SELECT 2\n```") ==
        "the answer holds 2 statements besides its indexes, one is allowed");
  CHECK(refused(R"json({"after": ""})json") == "the answer holds no statement");
  CHECK(refused(R"json({"after": null})json") == "the answer holds no statement");
  CHECK(refused(std::string((1U << 20U) + 1, 'x')) ==
        "the answer has 1048577 bytes, at most 1048576 are read");
}

TEST_CASE("hostile answers end as failures", "[task]") {
  const std::string braces(100'000, '{');
  CHECK_FALSE(extract_candidate(braces).ok());
  std::string thoughts;
  for (int i = 0; i < 60'000; ++i)
    thoughts += "<think></think>";
  CHECK_FALSE(extract_candidate(thoughts).ok());
  CHECK_FALSE(extract_candidate("{\"after\": \"SELECT '\"}").ok());
  CHECK_FALSE(extract_candidate(std::string("\0\xff{\"after", 9)).ok());
}

TEST_CASE("a long explanation is cut at a letter", "[task]") {
  std::string letters;
  for (int i = 0; i < 3'000; ++i)
    letters += "é"; // two bytes each
  const Candidate candidate =
      found("{\"after\": \"SELECT 1\", \"explanation\": \"x" + letters + "\"}");
  CHECK(candidate.explanation.size() == 3'999); // 1 + 2·1999: byte 4000 would cut a letter
}
