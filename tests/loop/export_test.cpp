#include "quill/loop/export.hpp"
#include "quill/loop/sample.hpp"

#include "catch.hpp"

#include "loop/fakes.hpp"
#include "quill/loop/analyze.hpp"

using namespace quill;
using namespace quill::loop;
using namespace quill::loop::test;
namespace fs = std::filesystem;

namespace {

void play(Stage& stage, LoopSetup setup) {
  store::Run run(stage.out, store::Run::Start::resume);
  run.begin({.config = Json{{"judge.measure", setup.measure}, {"restem.iterations", "6"}},
             .command_line = "quill restem",
             .version = "0.1.0"});
  FakeProposer proposer(offer_by_experience);
  Loop loop(std::move(setup), run, proposer, fake_judge, stage.cancel, stage.clock);
  CHECK(loop.run());
}

ExportConfig to(const Stage& stage) {
  ExportConfig config;
  config.run = stage.out;
  config.out = stage.folder.path() / "sets";
  return config;
}

} // namespace

TEST_CASE("a sample shows schema and slow query, and answers with indexes, query and reason",
          "[loop]") {
  Example example = seed("a", "SELECT a FROM t WHERE a = 1", "SELECT a FROM t WHERE a = 1");
  example.schema = "CREATE TABLE t (a INTEGER)";
  example.indexes = {"CREATE INDEX i ON t(a)"};
  example.explanation = "The index finds the row.";
  example.needs = {.columns = {"a"}, .top = 3};
  const Json messages = openai_sample(example)["messages"];
  REQUIRE(messages.size() == 3);
  CHECK(messages[0]["role"] == "system");
  CHECK(messages[1]["role"] == "user");
  CHECK(messages[1]["content"] ==
        "Schema:\nCREATE TABLE t (a INTEGER)\n\nMake this query faster:\n```sql\nSELECT a FROM t "
        "WHERE a = 1\n```\nThe user of the answer needs these columns only: a.\nThe user of the "
        "answer needs the first 3 rows only.");
  CHECK(messages[2]["role"] == "assistant");
  CHECK(messages[2]["content"] == "```sql\nCREATE INDEX i ON t(a);\nSELECT a FROM t WHERE a = "
                                  "1\n```\nThe index finds the row.");
}

TEST_CASE("an export has one line an example, in their order, and the same bytes twice", "[loop]") {
  Stage stage;
  LoopSetup setup = small_setup();
  setup.measure = "time";
  play(stage, setup);
  const ExportSummary first = export_dataset(to(stage));
  const std::string bytes = read_file(first.path);
  CHECK(first.path.filename() == "openai_format.jsonl");
  CHECK(first.source == stage.out / "run.db");
  CHECK(static_cast<std::size_t>(first.bytes) == bytes.size());
  CHECK(first.sha256 == sha256_hex(bytes));
  CHECK(std::count(bytes.begin(), bytes.end(), '\n') == first.examples);
  CHECK(export_dataset(to(stage)).sha256 == first.sha256);

  fs::remove(stage.out / "run.db"); // from the JSON files it comes out the same
  const ExportSummary from_files = export_dataset(to(stage));
  CHECK(from_files.source == stage.out / "metrics.json");
  CHECK(from_files.sha256 == first.sha256);
}

TEST_CASE("examples measured in steps are exported only when that is asked for", "[loop]") {
  Stage stage;
  play(stage, small_setup());
  ExportConfig config = to(stage);
  try {
    (void)export_dataset(config);
    FAIL("exported");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    CHECK(error.text().what.find("examples were measured in VM steps, not in time") !=
          std::string::npos);
  }
  config.allow_steps = true;
  CHECK(export_dataset(config).examples > 0);
}

TEST_CASE("a folder without a run is named", "[loop]") {
  Stage stage;
  try {
    (void)export_dataset(to(stage));
    FAIL("exported");
  } catch (const Error& error) {
    CHECK(error.text().what == "there is no run in \"" + stage.out.string() + "\"");
  }
}

TEST_CASE("an analysis says the same from run.db and from the JSON files", "[loop]") {
  Stage stage;
  play(stage, small_setup());
  AnalyzeConfig config;
  config.run = stage.out;
  const Analysis from_database = analyze(config);
  CHECK(from_database.finished);
  CHECK(from_database.iterations.size() == 6);
  CHECK(from_database.over_time.size() == 6);
  CHECK(from_database.totals.asked == 12);
  fs::remove(stage.out / "run.db");
  Analysis from_files = analyze(config);
  CHECK(from_files.source == stage.out / "metrics.json");
  from_files.source = from_database.source;
  CHECK(to_json(from_files) == to_json(from_database));
}

TEST_CASE("success over time covers every iteration once, in at most ten spans", "[loop]") {
  Stage stage;
  play(stage, small_setup(23));
  AnalyzeConfig config;
  config.run = stage.out;
  const Analysis analysis = analyze(config);
  CHECK(analysis.over_time.size() == 8); // spans of 3: 23 iterations in at most ten
  std::int64_t next = 1;
  for (const Analysis::Span& span : analysis.over_time) {
    CHECK(span.first == next);
    next = span.last + 1;
  }
  CHECK(next == 24);
}
