#include "catch.hpp"

#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/json.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/engine/session.hpp"
#include "quill/eval/sql_scores.hpp"
#include "support/parrot.hpp"

using namespace quill;
using namespace quill::eval;
using quill::tests::bytes_and_turns;
using quill::tests::Parrot;

namespace {

struct Files {
  ScratchFolder folder{"quill-eval-answers"};
  std::filesystem::path questions = folder.path() / "q.jsonl";

  Files() {
    auto blueprint = engine::Blueprint::load("shop");
    blueprint.resize("users", 4);
    blueprint.resize("orders", 1);
    (void)engine::build_database(blueprint, 7, folder.path() / "shop.sqlite", true, Cancel{});
    write("How many?");
  }
  void write(const std::string& question) const {
    real_disk().write_atomic(questions, dump_json(Json{{"id", "a"},
                                                       {"db_id", "shop"},
                                                       {"question", question},
                                                       {"gold", "SELECT count(id) FROM users"}}) +
                                            "\n");
  }
  [[nodiscard]] std::vector<SqlAnswer> ask(model::Decoder& decoder,
                                           const AnsweringConfig& config = {}) const {
    return answer_questions(config, questions, folder.path(), bytes_and_turns(), decoder, Cancel{},
                            {});
  }
};

/// Without the line break at its end.
std::string ddl(const Files& files) {
  std::string text = engine::open_sqlite(files.folder.path() / "shop.sqlite")->schema().ddl();
  text.resize(text.find_last_not_of('\n') + 1);
  return text;
}

} // namespace

TEST_CASE("a model is asked with schema and question, and its query is scored", "[eval]") {
  const Files files;
  Parrot parrot("```sql\nSELECT count(*) FROM users\n```");
  AnsweringConfig how;
  how.answers = files.folder.path() / "answers.jsonl";
  const auto answers = files.ask(parrot, how);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].sql == "SELECT count(*) FROM users");
  CHECK(bytes_and_turns().tokenizer.decode(parrot.prompts.at(0)) ==
        "<|im_start|>system\nYou answer questions about a database with one SQLite query.<|im_end|>"
        "\n<|im_start|>user\n" +
            ddl(files) + "\n\nQuestion: How many?<|im_end|>\n<|im_start|>assistant\n");
  CHECK(
      read_file(how.answers) ==
      "{\"id\":\"a\",\"sql\":\"SELECT count(*) FROM users\",\"answer\":\"```sql\\nSELECT count(*) "
      "FROM users\\n```\",\"why\":null}\n");
  SqlEvalConfig config;
  config.questions = files.questions;
  config.databases = files.folder.path();
  const auto evaluation = evaluate_sql(config, Cancel{}, nullptr, &answers);
  CHECK(evaluation.totals.spider_exec == 100);
  CHECK(evaluation.missing == 0);
}

TEST_CASE("an answer without a query, or a prompt too long, is scored 0 and says why", "[eval]") {
  const Files files;
  Parrot silent("I cannot"), short_sighted("SELECT 1", 40);
  CHECK(files.ask(silent).at(0).why ==
        "the answer holds no ```sql block and does not begin like SQL");
  const std::string tokens = std::to_string(silent.prompts[0].size());
  CHECK(files.ask(short_sighted).at(0).why ==
        "the prompt has " + tokens + " tokens, the model reads 39");
  AnsweringConfig brief;
  brief.generation.tokens_max = 3;
  Parrot cut("SELECT 1");
  CHECK(files.ask(cut, brief).at(0).why == "the answer was cut off at --max-tokens");
}

TEST_CASE("a question without words cannot be asked", "[eval]") {
  const Files files;
  files.write("");
  Parrot parrot("SELECT 1");
  try {
    (void)files.ask(parrot);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().what == "question \"a\" has no words");
  }
}
