// What is made of runs: formats, combined and checked data sets, previews, imported questions.
#include "catch.hpp"

#include "loop/dataset_folder.hpp"
#include "loop/exports.hpp"
#include "loop/fakes.hpp"
#include "loop/preferences.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/loop/augment.hpp"
#include "quill/loop/combine.hpp"
#include "quill/loop/data_check.hpp"
#include "quill/loop/export.hpp"
#include "quill/loop/import.hpp"
#include "quill/loop/preview.hpp"
#include "quill/loop/sample.hpp"

using namespace quill;
using namespace quill::loop;
using namespace quill::loop::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSchemaA = "CREATE TABLE t (a INTEGER, b TEXT);";
constexpr const char* kSchemaB = "CREATE TABLE u (a INTEGER, b INTEGER, c TEXT);";

Example example(int number, const std::string& schema, std::int64_t iteration = 1) {
  const std::string table = schema == kSchemaA ? "t" : "u";
  Example made = seed(std::to_string(number),
                      "SELECT a FROM " + table + " WHERE a + 0 = " + std::to_string(number),
                      "SELECT a FROM " + table + " WHERE a = " + std::to_string(number));
  made.schema = schema;
  made.iteration = iteration;
  made.speedup = 3;
  made.reward = 0.5;
  made.provider = "rules";
  return made;
}

std::vector<Example> examples(int from, int count, const std::string& schema) {
  std::vector<Example> list;
  for (int k = 0; k < count; ++k)
    list.push_back(example(from + k, schema));
  return list;
}

/// Two folders: 6 examples of schema A, then 14 of schema B.
struct Stages {
  ScratchFolder folder;
  CombineConfig config;
  Stages() {
    config.stage1 = folder.path() / "stage1";
    config.stage2 = folder.path() / "stage2";
    config.out = folder.path() / "combined";
    write_dataset_folder(config.stage1, examples(0, 6, kSchemaA), Json::object());
    write_dataset_folder(config.stage2, examples(100, 14, kSchemaB), Json::object());
  }
  std::vector<Example> combined(const char* file = "training_data.json") const {
    std::vector<Example> list;
    const Json document = parse_json(read_file(config.out / file), file);
    for (const Json& one : document)
      list.push_back(example_from_json(one, file));
    return list;
  }
};

} // namespace

TEST_CASE("every format says the same of an example in its own shape", "[loop]") {
  const Example one = example(7, kSchemaA);
  const Conversation said = conversation_of(one);
  CHECK(qwen_sample(one)["format"] == "chatml");
  CHECK(qwen_sample(one)["messages"] == openai_sample(one)["messages"]);
  CHECK(huggingface_sample(one)["prompt"] == said.system + "\n\n" + said.user);
  CHECK(huggingface_sample(one)["completion"] == said.assistant);
  CHECK(huggingface_sample(one)["speedup"] == 3);
  CHECK(grpo_sample(one)["prompt"].size() == 2);
  CHECK(grpo_sample(one)["answer"] == "SELECT a FROM t WHERE a = 7");
  const Json pair = dpo_sample({.chosen = one, .rejected = "no", .reason = "wrong", .margin = 0.5});
  CHECK(pair["prompt"] == grpo_sample(one)["prompt"]);
  CHECK(pair["chosen"][0]["content"] == said.assistant);
  CHECK(pair["rejected"][0]["content"] == "no");
}

TEST_CASE("a preference is the best candidate against each that is wrong, failed or worth less",
          "[loop]") {
  Stage stage;
  store::Run run = stage.open();
  FakeProposer proposer([](const Ask&) {
    return std::vector<std::string>{"SELECT 'kept'", "SELECT 'wrong'", "SELECT 'slow'",
                                    "SELECT 'blocked'", "?"};
  });
  LoopSetup setup = small_setup(1, 5);
  Loop loop(setup, run, proposer, fake_judge, stage.cancel, stage.clock);
  REQUIRE(loop.run());
  for (const task::Problem& problem : problems_of(setup.seeds, setup.sites.front()))
    run.put_problems({{problem.id, problem_text(problem)}});
  auto pairs = preferences_of(run.record(), loop.data_set());
  // Of one problem: its seed (kept, 0.5) stands against wrong, slow and blocked; what is not
  // parsable has no text. 'kept' is worth as much as the seed, so it is no pair.
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].reason == "wrong");
  CHECK(pairs[1].reason == "slower");
  CHECK(pairs[2].reason == "failed");
  CHECK(pairs[1].margin == Approx(0.5));
  CHECK(apart_by(pairs, 0.6).size() == 2); // wrong and failed stay at any margin
  const Json text = to_json(pairs[0]);
  CHECK(to_json(preference_from_json(text, "here")) == text);
}

TEST_CASE("a curriculum has stage 1 first, and short queries first", "[loop]") {
  const Stages stages;
  const CombineSummary summary = combine(stages.config);
  CHECK(summary.examples == 20);
  CHECK(summary.stage1 == 6);
  const auto all = stages.combined();
  CHECK(all.front().id == "stage1/0");
  CHECK(all[5].schema == kSchemaA);
  CHECK(all[6].schema == kSchemaB);
  CHECK(all.back().id == "stage2/113");
}

TEST_CASE("a weighted set has the shares, each example once", "[loop]") {
  Stages stages;
  stages.config.order = "weighted";
  const CombineSummary summary = combine(stages.config);
  // 6 / 0.3 = 20 and 14 / 0.7 = 20: all of them
  CHECK(summary.examples == 20);
  stages.config.size = 10;
  CHECK(combine(stages.config).stage1 == 3);
  stages.config.size = 21;
  CHECK_THROWS_WITH(combine(stages.config),
                    Catch::Contains("21 examples are asked for, the shares allow 20"));
}

TEST_CASE("schemas kept for evaluation are on one side only, whatever their names", "[loop]") {
  Stages stages;
  stages.config.eval_share = 0.7; // 14 of 20: schema B fits, schema A as well
  const CombineSummary summary = combine(stages.config);
  CHECK(summary.eval_schemas == 1); // one is left to train on
  CHECK(summary.examples + summary.eval_examples == 20);
  CHECK(schema_structure("CREATE TABLE t (a INTEGER, b TEXT)") ==
        schema_structure("create table  other (x integer, \"y\" TEXT)"));
  CHECK(schema_structure("CREATE TABLE t (a INTEGER, b TEXT)") !=
        schema_structure("CREATE TABLE t (a INTEGER, b REAL)"));
  DataCheckConfig check;
  check.folder = stages.config.out;
  const DataCheck clean = check_data(check, Cancel{});
  CHECK(clean.faults.empty());
  CHECK(clean.schemas == 1);
}

TEST_CASE("a check finds leaks, duplicates and queries that do not run", "[loop]") {
  const ScratchFolder folder;
  auto train = examples(0, 3, kSchemaA);
  train.push_back(train[1]);
  train.back().id = "again";
  train.push_back(example(9, kSchemaB));
  train.back().before = "SELECT missing FROM u";
  train.back().id = "broken";
  write_dataset_folder(folder.path() / "set", train, Json::object());
  Example leak = example(50, "CREATE TABLE other (x INTEGER, y TEXT);");
  leak.before = "SELECT x FROM other";
  leak.after = "SELECT x FROM other WHERE 1";
  leak.id = "leak";
  real_disk().write_atomic(folder.path() / "set" / "eval_data.json", training_data_bytes({leak}));
  DataCheckConfig config;
  config.folder = folder.path() / "set";
  const DataCheck check = check_data(config, Cancel{});
  REQUIRE(check.faults.size() == 3);
  CHECK(check.faults[0].kind == "leak");
  CHECK(check.faults[0].id == "leak");
  CHECK(check.faults[1].kind == "duplicate");
  CHECK(check.faults[1].id == "again");
  CHECK(check.faults[2].kind == "broken");
  CHECK(check.faults[2].reason == "before: no such column: missing");
}

TEST_CASE("every export of a combined set has a line an example", "[loop]") {
  const Stages stages;
  (void)combine(stages.config);
  real_disk().write_atomic(
      stages.config.out / kPreferenceFile,
      dump_json(Json::array({to_json(Preference{
          .chosen = example(1, kSchemaA), .rejected = "no", .reason = "slower", .margin = 0.1})})));
  ExportConfig config;
  config.data = stages.folder.path();
  config.stage = "combined";
  config.out = stages.folder.path() / "sets";
  for (const char* format : {"openai", "huggingface", "qwen", "grpo"}) {
    config.format = format;
    CHECK(export_dataset(config).examples == 20);
  }
  CHECK(parse_json(read_file(config.out / "huggingface_format.json"), "it").size() == 20);
  config.format = "dpo";
  CHECK_THROWS_WITH(export_dataset(config),
                    Catch::Contains("no slow query has a better and a worse candidate"));
  config.margin = 0.1;
  CHECK(export_dataset(config).examples == 1);
}

TEST_CASE("a preview trains on the answer and its end, and covers the whole text", "[loop]") {
  const Preview shown = preview_of(example(7, kSchemaA));
  REQUIRE(shown.spans.size() == 3);
  CHECK(shown.spans.front().from == 0);
  CHECK(shown.spans[0].to == shown.spans[1].from);
  CHECK(shown.spans.back().to == shown.text.size());
  CHECK(shown.text.substr(shown.spans[1].from, shown.spans[1].to - shown.spans[1].from) ==
        "```sql\nSELECT a FROM t WHERE a = 7\n```<|im_end|>");
  CHECK(shown.spans[1].trained);
  CHECK_FALSE(shown.spans[0].trained);
}

TEST_CASE("questions are imported from their usual names", "[loop]") {
  const ScratchFolder folder;
  real_disk().write_atomic(folder.path() / "dev.json",
                           R"([{"db_id": "d", "question": "How many?", "query": "SELECT 1",
                                "sql": {"select": []}}])");
  ImportConfig config;
  config.kind = "spider";
  config.from = folder.path();
  config.out = folder.path() / "out.jsonl";
  CHECK(import_questions(config).questions == 1);
  CHECK(read_file(config.out) ==
        "{\"id\":\"0\",\"db_id\":\"d\",\"question\":\"How many?\",\"gold\":\"SELECT 1\"}\n");

  config.kind = "bird";
  real_disk().write_atomic(
      folder.path() / "dev.json",
      R"([{"question_id": 4, "db_id": "d", "question": "Q", "SQL": "SELECT 2", "evidence": "e",
           "difficulty": "simple"}])");
  (void)import_questions(config);
  CHECK(read_file(config.out) ==
        "{\"id\":\"4\",\"db_id\":\"d\",\"question\":\"Q\",\"gold\":\"SELECT 2\","
        "\"evidence\":\"e\",\"difficulty\":\"simple\"}\n");

  config.kind = "hf";
  config.from = folder.path() / "rows.jsonl";
  real_disk().write_atomic(config.from, "{\"sql_prompt\": \"Q\", \"sql\": \"SELECT 3\", "
                                        "\"sql_context\": \"CREATE TABLE t (a)\"}\n");
  CHECK(import_questions(config).questions == 1);
  real_disk().write_atomic(config.from, "{\"sql_prompt\": \"Q\"}\n");
  CHECK_THROWS_WITH(import_questions(config), Catch::Contains("a row has no query"));
}

TEST_CASE("augmented examples run under their new names", "[loop]") {
  const ScratchFolder folder;
  const fs::path run = folder.path() / "run";
  auto all = examples(1, 2, kSchemaA);
  all[1].after = "SELECT a FROM t WHERE a = 1"; // other rows: to be dropped under every name
  write_dataset_folder(run, all, Json::object());
  const fs::path db = folder.path() / "t.db";
  {
    const Cancel cancel;
    auto blueprint = engine::Blueprint::parse(
        R"({"format_version": 1, "name": "tiny", "summary": "one", "tables": [{"name": "t",
            "rows": 20, "columns": [
              {"name": "a", "type": "INTEGER", "values": {"kind": "uniform", "min": 0, "max": 3}},
              {"name": "b", "type": "TEXT", "values": {"kind": "text", "text": "x"}}]}]})",
        "here");
    engine::build_database(blueprint, 1, db, false, cancel);
  }
  AugmentConfig config;
  config.run = run;
  config.db = db;
  config.out = folder.path() / "augmented";
  const AugmentSummary summary = augment(config, Cancel{});
  CHECK(summary.verified == 4);
  CHECK(summary.dropped == 4);
  const Json list = parse_json(read_file(config.out / "training_data.json"), "it");
  CHECK(list[0]["id"] == "1");
  CHECK(list[1]["id"] == "1/1");
  CHECK(list[1]["renamed_from"] == "1");
  CHECK(list[1]["before"] == "SELECT a FROM tbl_t WHERE a + 0 = 1");
}
