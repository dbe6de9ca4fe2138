#include "catch.hpp"

#include <fstream>
#include <set>

#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/loop/grammar.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::loop;
using quill::test::refusal;

namespace {

Grammar shipped() {
  const auto path = shipped_folder() / "grammars" / "one_table.json";
  return Grammar::parse(parse_json(read_file(path), path.string()), path.string());
}

Json small() {
  return parse_json(R"({"consonants": "bd", "vowels": "ai", "syllables": [2, 2],
    "columns": {"number": 1, "text": 1}, "rows": 3, "forms": [
      {"query": "SELECT {text} FROM {table}", "questions": ["{text} of {table}"]}]})",
                    "g");
}

std::set<std::string> names_of(const GrammarTable& table) {
  std::set<std::string> names = {table.name};
  names.insert(table.numbers.begin(), table.numbers.end());
  names.insert(table.texts.begin(), table.texts.end());
  for (const auto& row : table.text_rows)
    names.insert(row.begin(), row.end());
  return names;
}

} // namespace

TEST_CASE("a question and its query speak of the same names", "[loop]") {
  Rng rng(3);
  const Grammar grammar = Grammar::parse(small(), "g");
  const GrammarTable table = grammar.table(rng, false);
  const GrammarQuestion asked = grammar.question(table, rng);
  CHECK(asked.question == table.texts[0] + " of " + table.name);
  CHECK(asked.query == "SELECT " + table.texts[0] + " FROM " + table.name);
  CHECK(table.ddl() == "CREATE TABLE " + table.name + " (" + table.numbers[0] + " INTEGER, " +
                           table.texts[0] + " TEXT);");
}

TEST_CASE("no name of the questions to evaluate on is ever trained on", "[loop]") {
  const Grammar grammar = shipped();
  std::set<std::string> trained, evaluated;
  Rng rng(3);
  for (int i = 0; i < 300; ++i) {
    trained.merge(names_of(grammar.table(rng, false)));
    evaluated.merge(names_of(grammar.table(rng, true)));
  }
  CHECK(trained.size() > 1000);
  CHECK(evaluated.size() > 1000);
  for (const std::string& name : evaluated)
    REQUIRE_FALSE(trained.contains(name));
}

TEST_CASE("every query of the shipped grammar has an answer that is not empty", "[loop]") {
  const Grammar grammar = shipped();
  Rng rng(4);
  const GrammarTable table = grammar.table(rng, true);
  const auto session = engine::open_sqlite_script(table.script(), nullptr);
  for (int i = 0; i < 200; ++i) {
    const GrammarQuestion asked = grammar.question(table, rng);
    INFO(asked.query);
    const engine::Limits limits;
    const auto execution = session->run(asked.query, limits);
    REQUIRE(execution.status == engine::Status::ok);
    CHECK(execution.row_count > 0);
  }
}

TEST_CASE("the same seed writes the same bytes", "[loop]") {
  const ScratchFolder folder;
  const Cancel cancel;
  GrammarConfig config;
  config.train = 20;
  config.eval = 6;
  config.databases = 2;
  std::vector<std::string> texts;
  for (const char* name : {"a", "b"}) {
    config.out = folder.path() / name;
    const GrammarSummary summary = write_grammar_data(config, cancel);
    CHECK(summary.eval_databases == 2);
    CHECK(std::filesystem::exists(summary.databases / "grammar_001.sqlite"));
    texts.push_back(read_file(summary.train) + read_file(summary.questions) +
                    sha256_file(summary.databases / "grammar_000.sqlite"));
  }
  CHECK(texts[0] == texts[1]);
}

TEST_CASE("a grammar's mistakes are named", "[loop]") {
  const auto what_of = [](Json grammar) {
    return refusal(Exit::usage, [&] { (void)Grammar::parse(grammar, "g"); }).what;
  };
  Json grammar = small();
  grammar["forms"][0]["query"] = "SELECT {colum}";
  CHECK(what_of(grammar) == "\"{colum}\" is not known; allowed: {table}, {number}, {text}, "
                            "{column}, {number_value}, {text_value}");
  grammar = small();
  grammar["syllables"] = {1, 2};
  CHECK(what_of(grammar) == "\"syllables\" is [1,2]; allowed: [least, most], from 2 to 8");
  grammar = small();
  grammar["rows"] = 2;
  CHECK(what_of(grammar) == "\"rows\" is 2; allowed: 3 to 60");
  grammar = small();
  grammar["vowels"] = "a'";
  CHECK(what_of(grammar) == "\"vowels\" is \"a'\"; allowed: letters a to z");
}
