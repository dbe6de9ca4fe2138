#include "catch.hpp"

#include "program.hpp"

using quill::Json;
using quill::test::make_shop;
using quill::test::Shell;
using quill::test::slurp;

namespace {

const std::vector<std::string> kRun = {
    "restem",    "--db",  "shop.db", "--iterations", "3",       "--candidates", "3",
    "--measure", "steps", "--out",   "data/stage1",  "--trust", "fast"};

std::vector<std::string> run_with(const std::vector<std::string>& more) {
  std::vector<std::string> words = kRun;
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

} // namespace

TEST_CASE("restem, analyze and export go from a database to a training file", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto run = shell.quill(run_with({"--json"}));
  INFO(run.err);
  REQUIRE(run.exit == 0);
  CHECK(run.err.find("iteration 3/3: ") != std::string::npos);
  CHECK(run.json().at("format_version") == 1);
  for (const char* file : {"run.db", "training_data.json", "metrics.json"})
    CHECK(std::filesystem::exists(shell.path("data/stage1") / file));

  const auto analysis = shell.quill({"analyze", "data/stage1"});
  CHECK(analysis.exit == 0);
  CHECK(analysis.err.empty());
  CHECK(analysis.out.find("success rate") != std::string::npos);
  CHECK(shell.quill({"analyze", "data/stage1", "--json"}).json().at("iterations").size() == 3);

  const auto refused = shell.quill({"export", "--stage", "stage1", "--format", "openai"});
  CHECK(refused.exit == 2);
  CHECK(refused.err.find("--allow-steps") != std::string::npos);
  const auto exported =
      shell.quill({"export", "--stage", "stage1", "--format", "openai", "--allow-steps", "--json"});
  INFO(exported.err);
  CHECK(exported.exit == 0);
  const std::string lines = slurp(shell.path("finetuning_datasets/openai_format.jsonl"));
  CHECK(std::count(lines.begin(), lines.end(), '\n') == exported.json().at("examples").get<int>());
}

TEST_CASE("quill.log tells what ran, even when stderr was quiet", "[cli]") {
  const Shell shell;
  make_shop(shell);
  REQUIRE(shell.quill(run_with({"--quiet"})).exit == 0);
  const std::string log = slurp(shell.path("data/stage1/quill.log"));
  INFO(log);
  CHECK(log.find("quill restem --db") != std::string::npos);
  CHECK(log.find("\"judge.measure\":\"steps\"") != std::string::npos);
  CHECK(log.find("iteration 3/3: ") != std::string::npos);
  CHECK(log.find("finished") != std::string::npos);
}

TEST_CASE("--quiet leaves stderr empty on success", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto run = shell.quill(run_with({"--quiet"}));
  CHECK(run.exit == 0);
  CHECK(run.err.empty());
}

TEST_CASE("too few kept examples or too little success is exit code 1", "[cli]") {
  const Shell shell;
  make_shop(shell);
  const auto few = shell.quill(run_with({"--require-kept", "1000", "--json", "--quiet"}));
  CHECK(few.exit == 1);
  CHECK(few.json().at("format_version") == 1); // the result is printed all the same
  CHECK(shell
            .quill({"restem", "--db", "shop.db", "--iterations", "1", "--candidates", "2",
                    "--measure", "steps", "--out", "other", "--require-success", "0", "--quiet"})
            .exit == 0);
}

TEST_CASE("what this version cannot do is refused, not ignored", "[cli]") {
  const Shell shell;
  make_shop(shell);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--stage", "3"}, {"--provider", "anthropic"}}) {
    const auto outcome = shell.quill(run_with(more));
    INFO(outcome.err);
    CHECK(outcome.exit == 2);
    CHECK(quill::test::is_three_lines(outcome.err));
  }
  CHECK(!std::filesystem::exists(shell.path("data/stage1/run.db")));
}

TEST_CASE("the same seed gives the same exports, byte for byte", "[cli]") {
  const Shell one, two;
  for (const Shell* shell : {&one, &two}) {
    make_shop(*shell);
    REQUIRE(shell->quill(run_with({"--seed", "5", "--quiet"})).exit == 0);
  }
  for (const char* file : {"training_data.json", "metrics.json"})
    CHECK((slurp(one.path("data/stage1") / file) == slurp(two.path("data/stage1") / file)));
}

TEST_CASE("seed builds the same bytes twice and lists its blueprints", "[cli]") {
  const Shell shell;
  for (const std::string name : {"one.db", "two.db"}) {
    const auto outcome = shell.quill(
        {"seed", "--users", "50", "--orders", "200", "--seed", "3", "--out", name, "--json"});
    INFO(outcome.err);
    REQUIRE(outcome.exit == 0);
    CHECK(outcome.json().at("rows").at("orders") == 200);
    CHECK(outcome.json().at("path") == name);
  }
  CHECK((slurp(shell.path("one.db")) == slurp(shell.path("two.db"))));
  const Json blueprints = shell.quill({"seed", "--list", "--json"}).json();
  CHECK(blueprints.size() >= 10);
}
