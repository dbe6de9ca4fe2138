#include "catch.hpp"

#include "quill/core/files.hpp"
#include "quill/task/question.hpp"

using namespace quill;
using namespace quill::task;

namespace {

std::string query_in(const std::string& answer) {
  const auto query = extract_query(answer);
  INFO((query ? "" : query.failure().what));
  REQUIRE(query.ok());
  return query.value();
}
std::string why_not(const std::string& answer) {
  const auto query = extract_query(answer);
  REQUIRE_FALSE(query.ok());
  return query.failure().what;
}

} // namespace

TEST_CASE("the shipped prompt shows schema, question, and evidence when there is any", "[task]") {
  const auto prompt = QuestionTemplate::load(shipped_folder() / "prompts" / "question.md");
  const auto plain = prompt.render({.schema = "CREATE TABLE t (a);\n", .question = "How many?"});
  REQUIRE(plain.size() == 2);
  CHECK(plain[0].role == "system");
  CHECK(plain[0].content == "You answer questions about a database with one SQLite query.");
  CHECK(plain[1].content == "CREATE TABLE t (a);\n\nQuestion: How many?");
  const auto more = prompt.render({.schema = "S", .question = "Q", .evidence = "1 is yes"});
  CHECK(more[1].content == "S\n\nTo know: 1 is yes\nQuestion: Q");
}

TEST_CASE("a query is the last SQL block, or an answer that begins like SQL", "[task]") {
  CHECK(query_in("SELECT 1;") == "SELECT 1");
  CHECK(query_in("```sql\nSELECT 1;\n```\nBetter:\n```sql\nSELECT 2\n```\nDone.") == "SELECT 2");
  CHECK(query_in("<think>```sql\nSELECT 3\n```</think>with x AS (SELECT 1) SELECT * FROM x") ==
        "with x AS (SELECT 1) SELECT * FROM x");
}

TEST_CASE("an answer without exactly one query says why", "[task]") {
  CHECK(why_not(" \n") == "the answer is empty");
  CHECK(why_not("I do not know") == "the answer holds no ```sql block and does not begin like SQL");
  CHECK(why_not("SELECT 1; SELECT 2") == "the answer holds 2 statements, one is allowed");
  CHECK(why_not(std::string(1'048'577, 'x')) ==
        "the answer has 1048577 bytes, at most 1048576 are read");
}
