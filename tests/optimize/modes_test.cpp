// Each mode takes exactly its steps: calls are counted, and what each question holds is looked at.
#include "catch.hpp"

#include <cstdlib>
#include <set>

#include "optimize/fixture.hpp"

using namespace quill;
using namespace quill::optimize;
using namespace quill::optimize::test;

namespace {

using Names = std::vector<std::string>;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// No index and no rule may reach the target before the model does.
struct SlowDesk : Desk {
  explicit SlowDesk(const std::string& mode) {
    config.mode = mode;
    config.target_speedup = 1'000;
  }
};

} // namespace

TEST_CASE("single asks for five candidates of one prompt, once", "[optimize]") {
  SlowDesk desk("single");
  desk.play({answer_with(kWrong), answer_with(kFast), "I cannot help with that.",
             answer_with("DELETE FROM orders"), answer_with(kSlow)});
  const Answer answer = desk.optimize();
  const auto asked = desk.model->asked();
  REQUIRE(asked.size() == 5);
  CHECK(asked[0].messages.back().content == asked[4].messages.back().content);
  CHECK(names_of(answer) ==
        Names{"worker_1", "worker_2", "worker_3", "worker_4", "worker_5", "rules_1"});
  CHECK(answer.status == Status::win);
}

TEST_CASE("right, wrong, unparsable and hostile answers are told apart", "[optimize]") {
  SlowDesk desk("single");
  desk.play({answer_with(kWrong), answer_with(kFast), "I cannot help with that.",
             answer_with("DELETE FROM orders"), answer_with(kSlow)});
  const Answer answer = desk.optimize();
  std::map<std::string, const Step*> by_text; // which worker got which answer is chance
  for (const Step& step : answer.steps)
    if (step.ask.role == Role::worker)
      by_text[step.candidate ? step.candidate->after : "unparsable"] = &step;
  const auto& wrong = by_text.at(kWrong)->judged;
  CHECK(wrong->status == Status::error);
  CHECK(wrong->verdict.verdict == "different");
  CHECK(wrong->verdict.proof->counterexample);
  CHECK(by_text.at(kFast)->judged->status == Status::win);
  CHECK(by_text.at("DELETE FROM orders")->judged->verdict.status == judge::PairStatus::blocked);
  CHECK(by_text.at(kSlow)->judged->status == Status::neutral);
  CHECK(!by_text.at("unparsable")->failure.empty());
}

TEST_CASE("standard asks three workers, once", "[optimize]") {
  SlowDesk desk("standard");
  desk.play({answer_with(kWrong)});
  const Answer answer = desk.optimize();
  CHECK(desk.model->asked().size() == 3);
  CHECK(names_of(answer) == Names{"worker_1", "worker_2", "worker_3", "rules_1"});
  std::set<std::string> keys;
  for (const auto& request : desk.model->asked())
    keys.insert(request.key());
  CHECK(keys.size() == 3); // three questions to a tape, though the prompt is one
}

TEST_CASE("expert: worker and analyst in turn until the cap", "[optimize]") {
  SlowDesk desk("expert");
  desk.play({answer_with(kWrong), "The join loses users without orders.", answer_with(kSlow),
             "Use a LEFT JOIN.", answer_with("SELECT nothing")});
  const Answer answer = desk.optimize();
  CHECK(names_of(answer) ==
        Names{"worker_1", "rules_1", "analyst_1", "worker_2", "analyst_2", "worker_3"});
  CHECK(desk.model->asked().size() == 5); // three tries, and two between them
}

TEST_CASE("expert: the analyst sees the full error, the worker its advice and the original",
          "[optimize]") {
  SlowDesk desk("expert");
  desk.play({answer_with(kWrong), "The join loses users without orders.", answer_with(kSlow),
             "Use a LEFT JOIN.", answer_with("SELECT nothing")});
  const Answer answer = desk.optimize();
  const auto asked = desk.asked();
  REQUIRE(asked.size() == 5);
  const judge::Verdict& wrong = answer.steps[0].judged->verdict;
  CHECK(holds(asked[1], kWrong));
  CHECK(holds(asked[1], wrong.reason));
  CHECK(holds(asked[1], wrong.proof->counterexample->database));
  CHECK(holds(asked[1], "Its plan:"));
  CHECK(holds(asked[2], "The join loses users without orders."));
  CHECK(holds(asked[2], wrong.reason));
  for (const auto& text : asked)
    CHECK(holds(text, kSlow)); // each try starts from the original
  CHECK(holds(asked[4], "Use a LEFT JOIN."));
  CHECK(!holds(asked[4], "The join loses users without orders.")); // the last advice counts
  CHECK(!holds(asked[0], "What was tried before"));
}

TEST_CASE("the analyst's question, word by word", "[optimize]") {
  SlowDesk desk("expert");
  desk.config.max_iterations = 2;
  desk.play({answer_with(kWrong), "The join loses users without orders.", answer_with(kSlow)});
  (void)desk.optimize();
  if (desk.session->version() != "sqlite 3.40.1") {
    WARN("skipped: plans and steps are those of sqlite 3.40.1");
    return;
  }
  std::string shown;
  const auto asked = desk.model->asked();
  for (const auto& message : asked.at(1).messages)
    shown += "== " + message.role + "\n" + message.content + "\n";
  const auto file = std::filesystem::path(QUILL_SOURCE_FOLDER) / "tests/golden/prompts/analyst.txt";
  if (const char* renew = std::getenv("QUILL_RENEW_GOLDEN"); renew != nullptr)
    real_disk().write_atomic(file, shown);
  CHECK((shown == read_file(file)));
}

TEST_CASE("expert stops when the target is proven", "[optimize]") {
  SlowDesk desk("expert");
  desk.config.target_speedup = 2;
  desk.play({answer_with(kFast)});
  const Answer answer = desk.optimize();
  CHECK(desk.model->asked().size() == 1);
  CHECK(std::max(*answer.speedup, answer.speedup_with_indexes.value_or(0)) >= 2);
}

TEST_CASE("expert stops when two tries bring nothing new", "[optimize]") {
  SlowDesk desk("expert");
  desk.config.max_iterations = 10;
  desk.play(
      {answer_with(kFast), "again", answer_with(kFast), "again", answer_with(kFast), "again"});
  const Answer answer = desk.optimize();
  // A new one, then twice the same: worker, analyst, worker, analyst, worker.
  CHECK(std::count_if(answer.steps.begin(), answer.steps.end(),
                      [](const Step& step) { return step.ask.role == Role::worker; }) == 3);
  CHECK(desk.model->asked().size() == 5);
}

TEST_CASE("expert goes on while its tries fail", "[optimize]") {
  SlowDesk desk("expert");
  desk.config.max_iterations = 4;
  desk.play({answer_with(kWrong), "again", answer_with(kWrong), "again", answer_with(kWrong),
             "again", answer_with(kWrong), "again"});
  (void)desk.optimize();
  CHECK(desk.model->asked().size() == 7); // 4 workers, 3 analysts between them
}

TEST_CASE("swarm: four strategies with four prompts, then one snipe from the best", "[optimize]") {
  SlowDesk desk("swarm");
  desk.play(
      {answer_with(kWrong), answer_with(kFast), "no", answer_with(kSlow), answer_with(kFast)});
  const Answer answer = desk.optimize();
  const auto asked = desk.asked();
  REQUIRE(asked.size() == 5);
  CHECK(std::set<std::string>(asked.begin(), asked.begin() + 4).size() == 4);
  CHECK(names_of(answer) ==
        Names{"worker_1", "worker_2", "worker_3", "worker_4", "rules_1", "snipe"});
  CHECK(holds(asked[4], "The best that is proven so far"));
  CHECK(holds(asked[4], kWrong));
  for (const char* strategy : {"Decorrelate", "Scan once", "Filter early", "Drop what is not used"})
    CHECK(std::count_if(asked.begin(), asked.begin() + 4, [&](const std::string& text) {
            return holds(text, "Your strategy: " + std::string(strategy));
          }) == 1);
}

TEST_CASE("swarm with one iteration does not snipe", "[optimize]") {
  SlowDesk desk("swarm");
  desk.config.max_iterations = 1;
  desk.play({answer_with(kWrong)});
  (void)desk.optimize();
  CHECK(desk.model->asked().size() == 4);
}

TEST_CASE("out of budget in the middle of a swarm: what was found is given", "[optimize]") {
  SlowDesk desk("swarm");
  desk.play({answer_with(kFast), "(budget)"});
  const Answer answer = desk.optimize();
  CHECK(desk.model->asked().size() == 4);
  CHECK(answer.exit == Exit::budget);
  CHECK(answer.status == Status::win);
  CHECK(!answer.reason.empty());
  CHECK(best_of(answer.steps) != nullptr);
}

TEST_CASE("a server that is down leaves the rules' answer, and exit code 3", "[optimize]") {
  SlowDesk desk("standard");
  desk.play({"(down)"});
  const Answer answer = desk.optimize();
  CHECK(answer.exit == Exit::outside);
  CHECK(answer.status == Status::win);
  CHECK(names_of(answer) == Names{"rules_1"});
}

TEST_CASE("without a model the rules take the workers' places", "[optimize]") {
  for (const auto& [mode, steps] : std::map<std::string, std::size_t>{
           {"single", 5}, {"standard", 3}, {"expert", 3}, {"swarm", 5}}) {
    SlowDesk desk(mode);
    INFO(mode);
    CHECK(desk.optimize().steps.size() == steps);
  }
}
