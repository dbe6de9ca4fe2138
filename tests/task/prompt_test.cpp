#include "folders.hpp"
#include "quill/task/candidate.hpp"

#include "catch.hpp"

#include <string>

#include "quill/core/files.hpp"

using namespace quill;
using task::PromptTemplate;

namespace {

struct PromptFile {
  ScratchFolder folder;
  std::filesystem::path path = folder.path() / "optimise.md";
  explicit PromptFile(const std::string& text) { real_disk().write_atomic(path, text); }
};

ErrorText refusal(const std::string& text) {
  const PromptFile file(text);
  try {
    (void)PromptTemplate::load(file.path);
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    ErrorText found = error.text();
    const std::string folder = file.folder.path().string() + "/";
    if (found.where.starts_with(folder))
      found.where.erase(0, folder.size());
    return found;
  }
  FAIL("the prompt was accepted");
  return {};
}

const task::Problem kProblem{.id = "p",
                             .schema = "CREATE TABLE t (a INTEGER)",
                             .before = "SELECT a FROM t",
                             .needs = {.columns = {"a"}, .top = 10}};

} // namespace

TEST_CASE("a prompt fills its placeholders once, whatever the values hold", "[task]") {
  const PromptFile file("## system\nYou speak {{engine}}.\n## user\n{{schema}}\n{{before}}\n");
  const auto prompt = PromptTemplate::load(file.path);
  task::Problem problem = kProblem;
  problem.before = "SELECT '{{schema}}'";
  const auto messages = prompt.render(problem, {}, "sqlite");
  REQUIRE(messages.size() == 2);
  CHECK(messages[0].role == "system");
  CHECK(messages[0].content == "You speak sqlite.");
  CHECK(messages[1].role == "user");
  CHECK(messages[1].content == "CREATE TABLE t (a INTEGER)\nSELECT '{{schema}}'");
  CHECK(prompt.sha256() == sha256_hex(read_file(file.path)));
}

TEST_CASE("shots show slow and fast query, indexes first", "[task]") {
  const PromptFile file("## user\n{{shots}}{{needs}}{{before}}\n");
  const task::Shot shot{.before = "SELECT 1",
                        .after = "SELECT 2",
                        .explanation = "Why.",
                        .indexes = {"CREATE INDEX i ON t(a)"},
                        .speedup = 12.34};
  const auto messages = PromptTemplate::load(file.path).render(kProblem, {shot}, "sqlite");
  REQUIRE(messages.size() == 1); // no system part
  CHECK(messages[0].content ==
        "Solved before on this database:\n\nSlow:\n```sql\nSELECT 1\n```\n12.3 times faster:\n"
        "```sql\nCREATE INDEX i ON t(a);\nSELECT 2\n```\nWhy.\n"
        "The user of the answer needs these columns only: a.\n"
        "The user of the answer needs the first 10 rows only.\nSELECT a FROM t");
}

TEST_CASE("an unknown placeholder is refused with its line", "[task]") {
  const ErrorText text = refusal("## user\nhello\n{{shema}}\n");
  CHECK(text.what == "unknown placeholder \"{{shema}}\" in a prompt");
  CHECK(text.where == "optimise.md:3");
  CHECK(text.fix == "use one of {{schema}}, {{before}}, {{shots}}, {{needs}}, {{engine}}");
}

TEST_CASE("a prompt without a user part, or with text before its parts, is refused", "[task]") {
  CHECK(refusal("## system\nhello\n").what == "the prompt has no user part");
  CHECK(refusal("hello\n## user\n{{before}}\n").what == "a prompt begins with its first part");
  CHECK(refusal("## user\n{{before\n").what == "unknown placeholder \"{{before\" in a prompt");
}

TEST_CASE("the shipped prompt shows what tests/golden says, to the byte", "[task]") {
  const std::filesystem::path source(QUILL_SOURCE_FOLDER);
  const auto prompt = PromptTemplate::load(source / "data/prompts/optimise.md");
  const task::Shot shot{.before = "SELECT b FROM t WHERE c = 1 OR c = 2",
                        .after = "SELECT b FROM t WHERE c IN (1, 2)",
                        .explanation = "An OR chain said as IN.",
                        .indexes = {"CREATE INDEX i ON t(c)"},
                        .speedup = 12.34};
  task::Problem problem = kProblem;
  problem.needs = {.columns = {"a"}, .top = 10};
  std::string shown;
  for (const auto& message : prompt.render(problem, {shot}, "sqlite 3.40.1"))
    shown += "--- " + message.role + "\n" + message.content + "\n";
  CHECK((shown == read_file(source / "tests/golden/prompts/optimise.txt")));
}
