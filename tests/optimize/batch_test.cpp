// A whole suite with a model that plays a script, counted in VM steps: every figure repeats.
#include "catch.hpp"

#include <set>

#include "optimize/batch_prep.hpp"
#include "optimize/fixture.hpp"
#include "optimize/step_record.hpp"
#include "quill/optimize/batch.hpp"
#include "quill/optimize/leaderboard.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::optimize;
using quill::optimize::test::answer_with;
using quill::optimize::test::kFast;
using quill::optimize::test::kShop;
using quill::optimize::test::kSlow;
using quill::test::refusal;

namespace fs = std::filesystem;

namespace {

/// The faster statement for the slow query, the statement itself for others.
Result<llm::Reply, llm::LlmFailure> by_prompt(const llm::Request& request) {
  llm::Reply reply;
  reply.finish_reason = "stop";
  const bool slow = request.messages.back().content.find(kSlow) != std::string::npos;
  reply.text = answer_with(slow ? kFast : "SELECT count(*) FROM orders");
  return reply;
}

/// A suite in a scratch folder, and a place to work on it.
struct Hall {
  Hall() {
    config.optimize.judge.measure = "steps";
    config.optimize.judge.timeout_ms = 10'000;
    config.optimize.target_speedup = 100; // all three iterations
  }

  ScratchFolder folder{"quill-batch-test"};
  Suite suite = Suite::create(folder.path(),
                              {.name = "shop", .database = "none", .scale = {}, .version = "0"},
                              {{"counted", "SELECT count(*) FROM orders"},
                               {"slow", kSlow},
                               {"users", "SELECT id FROM users"}});
  Cancel cancel;
  ManualClock clock;
  Knowledge knowledge = Knowledge::load(QUILL_SOURCE_FOLDER "/data");
  llm::test::FakeClient model{by_prompt};
  BatchConfig config;

  [[nodiscard]] BatchPlace place(llm::Client* client) const {
    return {.suite = suite,
            .open_session = [] { return engine::open_sqlite_script(kShop); },
            .cancel = cancel,
            .clock = clock,
            .model = {.client = client, .provider = "scripted", .model = "m"},
            .knowledge = &knowledge,
            .prompt_file =
                [](std::string_view name) {
                  return fs::path(QUILL_SOURCE_FOLDER "/data/prompts") / name;
                }};
  }
  BatchOutcome run() { return run_batch(place(&model), config, {}); }
  BatchOutcome run_rules() { return run_batch(place(nullptr), config, {}); }
  [[nodiscard]] std::string board() const { return dump_json(to_json(read_leaderboard(suite, 0))); }
  [[nodiscard]] std::vector<std::string> steps_of(const std::string& id) const {
    std::vector<std::string> names;
    for (const Step& step : read_steps(steps_file(suite, 0, id)))
      names.push_back(step.ask.name);
    return names;
  }
  [[nodiscard]] std::set<std::string> keys() const {
    std::set<std::string> out;
    for (const auto& request : model.asked())
      out.insert(request.key());
    return out;
  }
};

judge::JudgeConfig by_steps() {
  judge::JudgeConfig judge;
  judge.measure = "steps";
  judge.trust = "fast";
  judge.readability = "off";
  judge.min_speedup = 1.10;
  return judge;
}

} // namespace

TEST_CASE("a query goes through fan-out, snipe, analyst and one last worker", "[optimize]") {
  Hall hall;
  const auto outcome = hall.run();
  CHECK(outcome.done == 3);
  CHECK(outcome.left == 0);
  CHECK(hall.steps_of("slow") == std::vector<std::string>{"worker_1", "worker_2", "worker_3",
                                                          "worker_4", "rules_1", "snipe", "analyst",
                                                          "worker_5"});
  const auto board = read_leaderboard(hall.suite, 0);
  REQUIRE(board.queries.size() == 3);
  CHECK(board.queries[1].status == Status::win);
  CHECK(board.queries[1].verdict == "same");
  CHECK(board.queries[1].rows == 60);
  CHECK(board.queries[0].status == Status::neutral);
  CHECK(board.queries[0].speedup == 1.0);
  CHECK(board.non_empty() == 3);
  // The third root of the one speedup: the other two queries count 1.
  CHECK(board.geomean() == Approx(std::cbrt(*board.queries[1].speedup)));
}

TEST_CASE("a query whose target is proven is left alone after the fan-out", "[optimize]") {
  Hall hall;
  hall.config.optimize.target_speedup = 1.01;
  (void)hall.run();
  CHECK(hall.steps_of("slow").size() == 5);
}

TEST_CASE("a run that was cut short after any step goes on from there, and asks only what is open",
          "[optimize]") {
  Hall whole;
  (void)whole.run();
  const auto steps = read_steps(steps_file(whole.suite, 0, "slow"));
  const auto keys = whole.keys();
  for (std::size_t kept = 0; kept < steps.size(); ++kept) {
    Hall cut;
    (void)prep_batch(cut.place(nullptr), {});
    write_steps(steps_file(cut.suite, 0, "slow"), {steps.begin(), steps.begin() + kept});
    (void)cut.run();
    CHECK(cut.board() == whole.board());
    std::size_t answered = 0; // by the model, before the cut
    for (std::size_t i = 0; i < kept; ++i)
      answered += steps[i].ask.role == Role::rules ? 0 : 1;
    CHECK(cut.model.asked().size() == whole.model.asked().size() - answered);
    for (const auto& key : cut.keys())
      CHECK(keys.contains(key)); // word by word what was asked without the cut
  }
}

TEST_CASE("what is done is not done again", "[optimize]") {
  Hall hall;
  (void)hall.run();
  const auto board = hall.board();
  const auto asked = hall.model.asked().size();
  const auto again = hall.run();
  CHECK(again.done == 0);
  CHECK(again.before == 3);
  CHECK(hall.model.asked().size() == asked);
  CHECK(hall.board() == board);
}

TEST_CASE("two shards fill the leaderboard of one run", "[optimize]") {
  Hall whole, parts;
  (void)whole.run();
  parts.config.shard = "2/2";
  CHECK(parts.run().done == 1); // counted, slow, users: the second
  parts.config.shard = "1/2";
  CHECK(parts.run().done == 2);
  CHECK(parts.board() == whole.board());
}

TEST_CASE("a shard is a part from 1", "[optimize]") {
  CHECK(Shard::parse("2/4").has(1));
  CHECK_FALSE(Shard::parse("2/4").has(2));
  for (const char* bad : {"0/2", "3/2", "1", "1/", "/2", "1/2/3", "a/b", "-1/2", ""})
    CHECK(refusal(Exit::usage, [&] { (void)Shard::parse(bad); }).where == "--shard");
}

TEST_CASE("--generate-only asks what is due and judges nothing; a later run judges it",
          "[optimize]") {
  Hall hall;
  hall.config.generate_only = true;
  const auto generated = hall.run();
  CHECK(generated.generated == 12); // three queries, four strategies
  CHECK(generated.left == 3);
  CHECK(hall.steps_of("slow").empty());
  CHECK(fs::exists(hall.suite.query_folder(0, "slow") / "worker_4.answer.txt"));
  hall.config.generate_only = false;
  CHECK(hall.run().done == 3);
}

TEST_CASE("the rules alone need no model and no prompt", "[optimize]") {
  Hall hall;
  const auto outcome = hall.run_rules();
  CHECK(outcome.done == 3);
  CHECK(outcome.generated == 0);
  CHECK(read_leaderboard(hall.suite, 0).missing() == 0);
}

TEST_CASE("prep runs each query once, and asks nobody", "[optimize]") {
  Hall hall;
  const auto first = prep_batch(hall.place(&hall.model), {});
  CHECK(first.explained == 3);
  CHECK(first.cached == 0);
  CHECK(first.requests == 12);
  CHECK(first.prompt_tokens > 0);
  const auto again = prep_batch(hall.place(&hall.model), {});
  CHECK(again.explained == 0);
  CHECK(again.cached == 3);
  CHECK(hall.model.asked().empty());
  CHECK(fs::exists(hall.suite.query_folder(0, "slow") / "worker_1.prompt.md"));
}

TEST_CASE("plans of another scale stand in the prompts", "[optimize]") {
  Hall one, other;
  (void)prep_batch(one.place(nullptr), {});
  const auto file = one.folder.path() / "explains" / "slow.json";
  Json document = parse_json(read_file(file), "slow.json");
  document["understanding"]["plan"][0]["node"] = "SCAN of ten billion rows";
  real_disk().write_atomic(file, dump_json(document));
  const auto report =
      prep_batch(other.place(nullptr), {.explains = one.folder.path() / "explains", .limits = {}});
  CHECK(report.explained == 0);
  CHECK(report.cached == 3);
  CHECK(read_brief(other.suite, 0, "slow").plan.find("ten billion") != std::string::npos);
}

TEST_CASE("what a query asks, as the suite's user says it, stands in its prompts", "[optimize]") {
  Hall hall;
  hall.suite.write_intents({{"slow", "Who orders most?"}});
  (void)prep_batch(hall.place(nullptr), {});
  CHECK(read_brief(hall.suite, 0, "slow").intent == "Who orders most?");
}

TEST_CASE("a query that its engine refuses is an ERROR, and the others go on", "[optimize]") {
  const Hall hall;
  const auto suite = Suite::create(hall.folder.path() / "two",
                                   {.name = "two", .database = "none", .scale = {}, .version = "0"},
                                   {{"bad", "SELECT gone FROM nowhere"}, {"slow", kSlow}});
  auto at = hall.place(nullptr);
  const BatchPlace place{.suite = suite,
                         .open_session = at.open_session,
                         .cancel = at.cancel,
                         .clock = at.clock,
                         .prompt_file = at.prompt_file};
  CHECK(run_batch(place, hall.config, {}).done == 2);
  const auto board = read_leaderboard(suite, 0);
  CHECK(board.queries[0].status == Status::error);
  CHECK(board.queries[0].reason == "the query does not run: no such table: nowhere");
  CHECK(board.count(Status::error) == 1);
}

TEST_CASE("a budget ends the run, and what was answered is judged", "[optimize]") {
  Hall hall;
  std::atomic<int> left = 5;
  llm::test::FakeClient poor([&](const llm::Request& request) {
    return left-- > 0 ? by_prompt(request) : llm::test::failure_of(llm::LlmFailure::Kind::budget);
  });
  const auto outcome = run_batch(hall.place(&poor), hall.config, {});
  CHECK(outcome.exit == Exit::budget);
  CHECK(outcome.left == 3);
}

TEST_CASE("only what was validated is promoted, and the next state starts from it", "[optimize]") {
  Hall hall;
  (void)prep_batch(hall.place(nullptr), {});
  Step rules; // whose index would win: an index is not promoted
  rules.ask = {
      .role = Role::rules, .name = "rules_1", .iteration = 1, .strategy = {}, .messages = {}};
  rules.failure = "left out";
  write_steps(steps_file(hall.suite, 0, "slow"), {rules});
  (void)hall.run();
  CHECK(refusal(Exit::usage, [&] { (void)promote_batch(hall.suite, 1.05, "now"); }).what ==
        "no winner was validated that can be promoted");
  const auto validated = validate_batch(hall.place(nullptr), by_steps(), {});
  CHECK(validated.winners == 1);
  CHECK(validated.hold == 1);
  CHECK(read_leaderboard(hall.suite, 0).queries[1].validated);
  const auto promotion = promote_batch(hall.suite, 1.05, "now");
  CHECK(promotion.state == 1);
  CHECK(promotion.promoted == std::vector<std::string>{"slow"});
  CHECK(hall.suite.state() == 1);
  CHECK(hall.suite.baseline(1, "slow").text == kFast);
  CHECK(fs::exists(hall.folder.path() / "gold" / "slow.json"));
  const auto history = read_history(hall.suite);
  REQUIRE(history.size() == 1);
  CHECK(history[0].wins == 1);
  CHECK(history[0].promoted == promotion.promoted);
  CHECK(read_leaderboard(hall.suite, 1).missing() == 3);
}

TEST_CASE("a step that was kept is the step it was", "[optimize]") {
  Hall hall;
  (void)hall.run();
  for (const Step& step : read_steps(steps_file(hall.suite, 0, "slow")))
    CHECK(dump_json(record_of(step_from(record_of(step), "here"))) == dump_json(record_of(step)));
}
