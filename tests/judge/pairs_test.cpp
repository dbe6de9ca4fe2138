#include "quill/judge/pairs.hpp"

#include "catch.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

using namespace quill::judge;
using quill::Error;
using quill::Exit;

namespace {

quill::ErrorText refused(std::string_view text) {
  try {
    (void)parse_pairs(text, "pairs.jsonl");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    return error.text();
  }
  FAIL("the text was accepted");
  return {};
}

} // namespace

TEST_CASE("a pairs file is JSON lines with id, before and after", "[judge]") {
  const auto pairs = parse_pairs(R"({"id": "a", "before": "SELECT 1", "after": "SELECT 2"}

{"id": 7, "before": "SELECT 3", "after": "SELECT 4", "db": "x.db", "why": "extra keys are ignored"}
)",
                                 "pairs.jsonl");
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[0].pair.id == "a");
  CHECK(pairs[0].pair.before == "SELECT 1");
  CHECK(pairs[0].pair.after == "SELECT 2");
  CHECK_FALSE(pairs[0].db.has_value());
  CHECK(pairs[1].pair.id == "7");
  CHECK(pairs[1].db == std::filesystem::path("x.db"));
}

TEST_CASE("a pair without an id is called by its place", "[judge]") {
  const auto pairs = parse_pairs(R"([{"before": "SELECT 1", "after": "SELECT 2"},
                                     {"before": "SELECT 3", "after": "SELECT 4"}])",
                                 "training_data.json");
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[0].pair.id == "0");
  CHECK(pairs[1].pair.id == "1");
}

TEST_CASE("a document with an examples list is read like the list", "[judge]") {
  const auto pairs = parse_pairs(R"({
    "format_version": 1,
    "examples": [{"id": "x", "type": "limit", "before": "SELECT 1", "after": "SELECT 2"}]
  })",
                                 "seed_data.json");
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].pair.id == "x");
  CHECK(pairs[0].type == "limit");
  CHECK(parse_pairs(R"({"examples": [{"before": "SELECT 1", "after": "SELECT 2"}]})", "x").size() ==
        1);
}

TEST_CASE("the seeds' keys slow_query and fast_query are read", "[judge]") {
  const auto pairs =
      parse_pairs(R"([{"slow_query": "SELECT 1", "fast_query": "SELECT 2"}])", "old.json");
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].pair.before == "SELECT 1");
  CHECK(pairs[0].pair.after == "SELECT 2");
}

TEST_CASE("CREATE INDEX statements of after are taken out of it", "[judge]") {
  const auto pairs = parse_pairs(
      R"json({"before": "SELECT 1", "after": "CREATE INDEX i ON t(a); SELECT 2;", "indexes": ["CREATE INDEX i ON t(a)", "CREATE INDEX j ON t(b)"]})json",
      "pairs.jsonl");
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0].pair.after == "SELECT 2");
  // The index said twice is one index.
  CHECK(pairs[0].pair.indexes ==
        std::vector<std::string>{"CREATE INDEX i ON t(a)", "CREATE INDEX j ON t(b)"});
}

TEST_CASE("an after of CREATE INDEX alone keeps before's statement", "[judge]") {
  const auto pairs = parse_pairs(
      R"json({"before": "SELECT 1", "after": "CREATE INDEX i ON t(a)"})json", "pairs.jsonl");
  CHECK(pairs[0].pair.after == "SELECT 1");
  CHECK(pairs[0].pair.indexes == std::vector<std::string>{"CREATE INDEX i ON t(a)"});
  const auto apart = parse_pairs(
      R"json({"before": "SELECT 1", "after": "", "indexes": ["CREATE INDEX i ON t(a)"]})json", "x");
  CHECK(apart[0].pair.after == "SELECT 1");
}

TEST_CASE("an after of two statements is kept whole for the judge to refuse", "[judge]") {
  const auto pairs =
      parse_pairs(R"({"before": "SELECT 1", "after": "SELECT 2; SELECT 3"})", "pairs.jsonl");
  CHECK(pairs[0].pair.after == "SELECT 2; SELECT 3");
  CHECK(pairs[0].pair.indexes.empty());
}

TEST_CASE("needs are read with the pair", "[judge]") {
  const auto pairs = parse_pairs(
      R"({"before": "SELECT 1", "after": "SELECT 2", "needs": {"columns": ["a"], "top": 10}})",
      "pairs.jsonl");
  CHECK(pairs[0].pair.needs.columns == std::vector<std::string>{"a"});
  CHECK(pairs[0].pair.needs.top == 10);
}

TEST_CASE("a missing key is named with file and line", "[judge]") {
  const auto error = refused("{\"before\": \"SELECT 1\", \"after\": \"SELECT 2\"}\n"
                             "{\"before\": \"SELECT 1\"}\n");
  CHECK(error.where == "pairs.jsonl:2");
  CHECK(error.what == "key \"after\" is missing");
}

TEST_CASE("a key of the wrong type is named with its place", "[judge]") {
  const auto line = refused("{\"before\": 5, \"after\": \"SELECT 2\"}\n{}\n");
  CHECK(line.where == "pairs.jsonl:1");
  CHECK(line.what.find("\"before\"") != std::string::npos);
  const auto element = refused(R"([{"before": "SELECT 1", "after": "SELECT 2"},
                                   {"before": "SELECT 1", "after": ["SELECT 2"]}])");
  CHECK(element.where == "pairs.jsonl: element 1");
  CHECK(element.what.find("\"after\"") != std::string::npos);
}

TEST_CASE("a broken line is named with its column", "[judge]") {
  const auto error = refused("{\"before\": \"SELECT 1\", \"after\": \"SELECT 2\"}\n"
                             "{\"before\": \"SELECT 1\", \"after\" \"SELECT 2\"}\n");
  CHECK(error.where.rfind("pairs.jsonl:2:", 0) == 0);
  CHECK(error.where.find(":1:") == std::string::npos);
}

TEST_CASE("a file without a pair is refused", "[judge]") {
  CHECK(refused("").what == "no pair in the file");
  CHECK(refused("\n \n").what == "no pair in the file");
  CHECK(refused("[]").what == "no pair in the file");
  CHECK(refused(R"({"examples": {}})").what == "key \"examples\" is not a list");
}

TEST_CASE("a number, a text or a list of them is no pairs file", "[judge]") {
  CHECK_FALSE(refused("5").what.empty());
  CHECK_FALSE(refused("\"SELECT 1\"").what.empty());
  CHECK_FALSE(refused("[1, 2]").what.empty());
  CHECK_FALSE(refused("SELECT 1;").what.empty());
}

TEST_CASE("deep nesting and duplicate keys are refused, not followed", "[judge]") {
  CHECK_FALSE(refused(std::string(100'000, '[')).what.empty());
  CHECK_FALSE(refused(R"({"before": "a", "before": "b", "after": "c"})").what.empty());
}

TEST_CASE("a missing pairs file is named", "[judge]") {
  try {
    (void)read_pairs("/nowhere/pairs.jsonl");
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().where.find("/nowhere/pairs.jsonl") != std::string::npos);
  }
}

TEST_CASE("a byte order mark and Windows line ends do not matter", "[judge]") {
  const auto pairs = parse_pairs("\xEF\xBB\xBF{\"before\": \"SELECT 1\", \"after\": \"SELECT 2\"}"
                                 "\r\n{\"before\": \"SELECT 3\", \"after\": \"SELECT 4\"}\r\n",
                                 "pairs.jsonl");
  REQUIRE(pairs.size() == 2);
  CHECK(pairs[1].pair.before == "SELECT 3");
}
