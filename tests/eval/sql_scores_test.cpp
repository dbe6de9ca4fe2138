// Whole evaluations: files in, scores out, with real databases and hostile predictions.
#include "catch.hpp"
#include "folders.hpp"

#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

#include "eval/questions.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"
#include "quill/eval/sql_scores.hpp"

using namespace quill;
using namespace quill::eval;
namespace fs = std::filesystem;

namespace {

fs::path shared_data() {
  const char* given = std::getenv("QUILL_SHARED_DATA");
  return given ? fs::path(given) : fs::path(QUILL_SOURCE_FOLDER) / "../shared/data";
}

class Files {
 public:
  fs::path write(const std::string& name, const std::string& bytes) const {
    const fs::path path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  [[nodiscard]] fs::path folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_{"quill-eval-test"};
};

/// shop.sqlite with 40 users.
fs::path make_shop(const Files& files) {
  auto blueprint = engine::Blueprint::load("shop");
  blueprint.resize("users", 40);
  blueprint.resize("orders", 100);
  return engine::build_database(blueprint, 7, files.folder() / "shop.sqlite", true, Cancel{}).path;
}

std::string question_line(const std::string& id, const std::string& gold) {
  return dump_json(Json{{"id", id}, {"db_id", "shop"}, {"question", "?"}, {"gold", gold}}) + "\n";
}
std::string prediction_line(const std::string& id, const Json& sql) {
  return dump_json(Json{{"id", id}, {"sql", sql}}) + "\n";
}

SqlEvalConfig config_of(const Files& files, const std::string& questions,
                        const std::string& predictions) {
  SqlEvalConfig config;
  config.questions = files.write("questions.jsonl", questions);
  config.predictions = files.write("predictions.jsonl", predictions);
  config.databases = files.folder();
  config.timeout_ms = 1000;
  return config;
}

std::string refusal(const SqlEvalConfig& config) {
  try {
    (void)evaluate_sql(config, Cancel{});
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    return error.text().what;
  }
  return "";
}

} // namespace

TEST_CASE("a question with several accepted queries is scored by the best of them", "[eval]") {
  const Files files;
  make_shop(files);
  const Json gold = {"SELECT name FROM users WHERE id = 1", "SELECT id FROM users WHERE id < 3"};
  auto config = config_of(
      files, dump_json(Json{{"id", 1}, {"db_id", "shop"}, {"question", ""}, {"gold", gold}}) + "\n",
      prediction_line("1", "SELECT id FROM users WHERE id < 3"));
  config.details = files.folder() / "details.jsonl";
  const SqlEvaluation evaluation = evaluate_sql(config, Cancel{});
  CHECK(evaluation.totals.spider_exec == 100);
  CHECK(evaluation.totals.spider_exact == 100);
  CHECK(evaluation.totals.bird_ex == 100);
  const Json line = parse_json(read_file(config.details), "details");
  CHECK(line.at("id") == "1");
  CHECK(line.at("spider_exec") == 1);
  CHECK(line.at("ves").is_null());
}

TEST_CASE("hostile predictions score 0 and change nothing", "[eval]") {
  const Files files;
  const fs::path database = make_shop(files);
  const std::string before = sha256_file(database);
  const std::vector<std::string> hostile = {
      "DROP TABLE users",
      "ATTACH 'x.db' AS x",
      "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r",
      "SELECT a.id FROM users a, users b, users c, users d, users e, users f, users g",
      "SELECT 1; SELECT 2",
      "SELECT id FROM users WHERE id = ?",
      "\xff\xfe not SQL ((((",
      std::string(200'000, '(')};
  std::string questions, predictions;
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    questions += question_line(std::to_string(i), "SELECT id FROM users");
    predictions += fmt::format("{{\"id\": \"{}\", \"sql\": {}}}\n", i, dump_json(Json(hostile[i])));
  }
  const SqlEvaluation evaluation = evaluate_sql(config_of(files, questions, predictions), Cancel{});
  for (const SqlScore& score : evaluation.scores) {
    INFO(score.id);
    CHECK_FALSE(score.message.empty());
    CHECK_FALSE(score.spider_exec);
    CHECK_FALSE(score.bird_ex);
  }
  CHECK(evaluation.failed == static_cast<std::int64_t>(hostile.size()));
  CHECK(sha256_file(database) == before);
}

TEST_CASE("an answer larger than --result-mb is wrong and is not kept", "[eval]") {
  const Files files;
  make_shop(files);
  auto config = config_of(files, question_line("a", "SELECT id FROM users"),
                          prediction_line("a", "SELECT a.id FROM users a, users b, users c"));
  config.result_mb = 1; // 64,000 rows of 24 + 40 bytes and more are 4 MB
  const auto evaluation = evaluate_sql(config, Cancel{});
  CHECK(evaluation.scores[0].predicted_status == "row-limit");
  CHECK_FALSE(evaluation.scores[0].bird_ex);
}

TEST_CASE("a prediction that is missing scores 0 even where the gold answer is empty", "[eval]") {
  const Files files;
  make_shop(files);
  const std::string nothing = "SELECT id FROM users WHERE id < 0";
  const auto evaluation =
      evaluate_sql(config_of(files, question_line("a", nothing) + question_line("b", nothing),
                             prediction_line("a", nullptr) + prediction_line("b", " ")),
                   Cancel{});
  CHECK(evaluation.missing == 1);
  CHECK_FALSE(evaluation.scores[0].bird_ex);
  // BIRD's own script runs a blank text, gets no rows, and finds them equal to no rows.
  CHECK(evaluation.scores[1].bird_ex);
  CHECK(evaluation.scores[1].spider_exec_keep_distinct);
  CHECK_FALSE(evaluation.scores[1].spider_exec);
}

TEST_CASE("every database of a test suite must agree", "[eval]") {
  const Files files;
  fs::create_directory(files.folder() / "shop");
  fs::rename(make_shop(files), files.folder() / "shop" / "shop.sqlite");
  auto blueprint = engine::Blueprint::load("shop");
  blueprint.resize("users", 90);
  blueprint.resize("orders", 100);
  (void)engine::build_database(blueprint, 8, files.folder() / "shop" / "other.sqlite", true,
                               Cancel{});
  const auto evaluation =
      evaluate_sql(config_of(files, question_line("a", "SELECT count(*) FROM users"),
                             prediction_line("a", "SELECT 40")),
                   Cancel{});
  CHECK_FALSE(evaluation.scores[0].spider_exec); // 40 users in one, 90 in the other
  CHECK(evaluation.scores[0].bird_ex);           // BIRD knows one database
}

TEST_CASE("times are taken when they are asked for, of right answers alone", "[eval]") {
  const Files files;
  make_shop(files);
  auto config = config_of(files,
                          question_line("a", "SELECT count(*) FROM users") +
                              question_line("b", "SELECT count(*) FROM users"),
                          prediction_line("a", "SELECT count(id) FROM users") +
                              prediction_line("b", "SELECT 1"));
  config.timing = true;
  config.timing_runs = 3;
  const auto evaluation = evaluate_sql(config, Cancel{});
  CHECK(evaluation.scores[0].time_ratio.value() > 0);
  CHECK(evaluation.scores[0].r_ves.value() >= 50);
  CHECK(evaluation.scores[1].r_ves.value() == 0);
  CHECK(evaluation.totals.ves.has_value());
}

TEST_CASE("files that do not fit together are refused by name", "[eval]") {
  const Files files;
  make_shop(files);
  const std::string one = question_line("one", "SELECT 1");
  CHECK(refusal(config_of(files, one, prediction_line("onee", "SELECT 1"))) ==
        "no question has the id \"onee\"");
  CHECK(refusal(config_of(files, one + one, "")) == "id \"one\" is there twice");
  CHECK(refusal(config_of(files, "", "")) == "there is no question");
  CHECK(refusal(config_of(files, "{\"id\":\"a\",\"db_id\":\"../x\",\"gold\":\"SELECT 1\"}", "")) ==
        "db_id \"../x\" is no name of a database");
  CHECK(refusal(config_of(files, "{\"id\":\"a\",\"db_id\":\"nine\",\"gold\":\"SELECT 1\"}", "")) ==
        "there is no database \"nine\"");
  CHECK(refusal(config_of(files, "{\"id\":\"a\",\"db_id\":\"shop\",\"gold\":[]}", "")) ==
        "\"gold\" is an empty list");
}

TEST_CASE("scores equal the official ones item by item on published predictions", "[eval]") {
  const fs::path data = shared_data() / "nl2sql";
  if (!fs::exists(data / "conformance")) {
    WARN("skipped: no " << data.string());
    return;
  }
  const Files files;
  for (const auto& entry : fs::directory_iterator(data / "conformance")) {
    std::string questions, predictions;
    std::vector<Json> official;
    read_jsonl(entry.path(), [&](const Json& line, std::size_t) {
      official.push_back(line);
      const std::string id = line.at("i").dump();
      questions += dump_json(Json{{"id", id},
                                  {"db_id", line.at("db_id")},
                                  {"question", ""},
                                  {"gold", line.at("gold")}}) +
                   "\n";
      predictions += prediction_line(id, line.at("pred"));
    });
    auto config = config_of(files, questions, predictions);
    config.databases = data / "spider";
    config.timeout_ms = 30'000;
    const SqlEvaluation evaluation = evaluate_sql(config, Cancel{});
    for (std::size_t i = 0; i < official.size(); ++i) {
      const SqlScore& score = evaluation.scores[i];
      INFO(entry.path().filename().string() << " " << i << "\n"
                                            << official[i].at("gold") << "\n"
                                            << official[i].at("pred"));
      CHECK(int{score.spider_exec} == official[i].at("exec_spider"));
      CHECK(int{score.spider_exec_keep_distinct} == official[i].at("exec_spider_keep_distinct"));
      CHECK(int{score.spider_exact} == official[i].at("exact_set_match"));
      CHECK(int{score.bird_ex} == official[i].at("ex_bird"));
      CHECK(score.parsed == official[i].at("pred_parsed"));
      CHECK(score.hardness == official[i].at("hardness").get<std::string>());
    }
  }
}

TEST_CASE("pass@k is the chance that one of k answers is right", "[eval]") {
  CHECK(pass_at(1, 4, 1) == Approx(0.25));
  CHECK(pass_at(2, 4, 1) == Approx(0.5));         // 1 - (3 · 2) / (4 · 3)
  CHECK(pass_at(2, 4, 2) == Approx(1 - 1.0 / 6)); // 1 - C(2, 2) / C(4, 2)
  CHECK(pass_at(4, 4, 1) == 1);
  CHECK(pass_at(4, 4, 0) == 0);
}

TEST_CASE("of several answers the one that the most agree with is scored", "[eval]") {
  const Files files;
  make_shop(files);
  SqlEvalConfig config = config_of(
      files, question_line("a", "SELECT COUNT(*) FROM users") + question_line("b", "SELECT 7"), "");
  config.answering.samples = 3;
  const auto answer = [](const std::string& id, const std::string& sql, std::int64_t sample) {
    return SqlAnswer{.id = id, .text = sql, .sql = sql, .why = "", .sample = sample};
  };
  // a: two of three say 40; b: none has a majority of those that ran but 7, given once
  const std::vector<SqlAnswer> answers = {answer("a", "SELECT 3", 0),
                                          answer("a", "SELECT 40", 1),
                                          answer("a", "SELECT COUNT(id) FROM users", 2),
                                          answer("b", "SELECT nothing", 0),
                                          answer("b", "DROP TABLE users", 1),
                                          answer("b", "SELECT 7", 2)};
  const SqlEvaluation evaluation = evaluate_samples(config, Cancel{}, nullptr, answers);
  CHECK(evaluation.totals.spider_exec == 100);
  REQUIRE(evaluation.sampled);
  // k = 1: a 2/3, b 1/3; k = 2: a 1 - 0, b 1 - C(2, 2) / C(3, 2) = 2/3; k = 3: both
  REQUIRE(evaluation.sampled->pass.size() == 3);
  CHECK(evaluation.sampled->pass[0].second == Approx(50));
  CHECK(evaluation.sampled->pass[1].second == Approx(100 * (1 + 2.0 / 3) / 2));
  CHECK(evaluation.sampled->pass[2].second == 100);
}

TEST_CASE("several answers at temperature 0 are refused", "[eval]") {
  AnsweringConfig config;
  config.samples = 2;
  CHECK_THROWS_WITH(config.check(), "--samples is 2 at --temperature 0");
}

TEST_CASE("safety is the share of predictions that tried nothing forbidden", "[eval]") {
  const Files files;
  make_shop(files);
  const auto config =
      config_of(files, question_line("a", "SELECT 1") + question_line("b", "SELECT 1"),
                prediction_line("a", "DROP TABLE users") + prediction_line("b", "SELECT 2"));
  CHECK(evaluate_sql(config, Cancel{}).safety == 50);
}
