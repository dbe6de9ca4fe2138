#include "loop/loop.hpp"

#include "catch.hpp"

#include <map>

#include "loop/fakes.hpp"
#include "store/in_child.hpp"

using namespace quill;
using namespace quill::loop;
using namespace quill::loop::test;

namespace {

std::vector<std::string> repeated(const std::string& text, std::int64_t count) {
  return std::vector<std::string>(static_cast<std::size_t>(count), text);
}

/// One loop over a fresh stage; what came of its last iteration.
struct Ran {
  Stage stage;
  std::vector<IterationMetrics> iterations;
  Totals totals;
  std::vector<Example> data_set;
  bool finished = false;
  int asked = 0;

  Ran(LoopSetup setup, FakeProposer::Offer offer, JudgeFunction judge = fake_judge) {
    store::Run run = stage.open();
    FakeProposer proposer(std::move(offer));
    Loop loop(std::move(setup), run, proposer, std::move(judge), stage.cancel, stage.clock);
    finished =
        loop.run([&](const IterationMetrics& one, const Totals&) { iterations.push_back(one); });
    totals = loop.totals();
    data_set = loop.data_set();
    asked = proposer.asked;
  }
};

} // namespace

TEST_CASE("each problem is visited evenly, in an order of its own each round", "[loop]") {
  const Ran ran(small_setup(9),
                [](const Ask& ask) { return repeated("SELECT 'slow'", ask.count); });
  std::map<std::string, int> visits;
  for (const IterationMetrics& one : ran.iterations)
    if (one.iteration > 0)
      ++visits[one.problem];
  CHECK(visits == std::map<std::string, int>{{"a", 3}, {"b", 3}, {"c", 3}});
}

TEST_CASE("success is kept over asked, and each failure is counted as what it is", "[loop]") {
  const Ran ran(small_setup(1, 8), [](const Ask&) {
    return std::vector<std::string>{"SELECT 'kept'",    "SELECT 'slow'", "SELECT 'wrong'",
                                    "SELECT 'blocked'", "SELECT 'late'", "?"};
  });
  const IterationMetrics& one = ran.iterations.at(1);
  CHECK(one.asked == 8);
  CHECK(one.offered == 6); // two never came
  CHECK(one.kept == 1);
  CHECK(one.slow == 1);
  CHECK(one.wrong == 1);
  CHECK(one.blocked == 1);
  CHECK(one.timed_out == 1);
  CHECK(one.unparsable == 1);
  CHECK(one.success_rate == Approx(0.125));   // 1 of 8 asked for
  CHECK(*one.reward_mean == Approx(0.5 / 3)); // kept 0.5, slow 0, wrong 0; the others have none
  CHECK(*one.reward_kept_mean == Approx(0.5));
  CHECK(one.by_type == Counts{{"redundancy", 1}});
  CHECK(one.by_band ==
        Counts{{"1-1.5x", 0}, {"1.5-2x", 0}, {"2-10x", 1}, {"10-100x", 0}, {"100x+", 0}});
  CHECK(*one.prompt_tokens == 100);
  CHECK_FALSE(one.elapsed_ms); // under --measure steps
}

TEST_CASE("candidates beyond those asked for are not judged", "[loop]") {
  int judged = 0;
  const Ran ran(
      small_setup(1, 2), [](const Ask&) { return repeated("SELECT 'kept'", 5); },
      [&](const sql::Pair& pair, std::string_view type, std::string_view) {
        ++judged;
        return fake_judge(pair, type, {});
      });
  CHECK(ran.iterations.at(1).offered == 2);
  CHECK(judged == 3 + 1); // three seeds, and one candidate: the second equals the first
}

TEST_CASE("a duplicate counts as what it was judged, is reported apart and added once", "[loop]") {
  const Ran ran(small_setup(3, 2), [](const Ask& ask) {
    return repeated("SELECT  'kept' FROM  " + ask.problem.id, ask.count);
  });
  const Totals& totals = ran.totals;
  CHECK(totals.asked == 6);
  CHECK(totals.kept == 6);
  CHECK(totals.duplicates == 3); // the second of each pair
  CHECK(totals.distinct == 3);
  CHECK(totals.seeds == 3);
  CHECK(totals.examples == 6);
  CHECK(*totals.success_rate == 1);
  CHECK(*totals.before_diversity == Approx(0.5)); // 3 distinct before in 6 examples
  CHECK(*totals.after_diversity == 1);            // 3 of the seeds, 3 made
}

TEST_CASE("a candidate equal to a seed example is a duplicate and not added", "[loop]") {
  const Ran ran(small_setup(1, 1), [](const Ask& ask) {
    return std::vector<std::string>{"select " + ask.problem.id + " from t where 1"};
  });
  CHECK(ran.totals.kept == 1);
  CHECK(ran.totals.duplicates == 1);
  CHECK(ran.totals.distinct == 0);
}

TEST_CASE("seed examples are judged first: what is wrong here is not shown", "[loop]") {
  LoopSetup setup = small_setup(1, 1);
  setup.seeds[1] = seed("b", "SELECT b FROM t", "SELECT 'wrong'");
  setup.seeds[2] = seed("c", "SELECT c FROM t", "SELECT 'slow'");
  std::vector<std::string> shown;
  const Ran ran(setup, [&](const Ask& ask) {
    for (const Example& example : ask.pool.examples())
      shown.push_back(example.id);
    return std::vector<std::string>{};
  });
  CHECK(shown == std::vector<std::string>{"a", "c"}); // c is right, though not fast here
  CHECK(ran.totals.seeds == 1);                       // only a is kept
  CHECK(ran.iterations.at(0).asked == 3);
  CHECK(ran.totals.asked == 1); // seeds count in no success rate
}

TEST_CASE("a seed query that does not run here is no problem to ask about", "[loop]") {
  const JudgeFunction judge = [](const sql::Pair& pair, std::string_view type, std::string_view) {
    judge::Verdict verdict = fake_judge(pair, type, {});
    if (pair.before == "SELECT b FROM t") {
      verdict.status = judge::PairStatus::before_failed;
      verdict.correct = std::nullopt;
      verdict.kept = false;
    }
    return verdict;
  };
  const Ran ran(small_setup(4, 1), [](const Ask&) { return repeated("SELECT 'slow'", 1); }, judge);
  for (const IterationMetrics& one : ran.iterations)
    CHECK(one.problem != "b");
}

TEST_CASE("when no seed query runs here the run ends with words", "[loop]") {
  const JudgeFunction judge = [](const sql::Pair&, std::string_view, std::string_view) {
    judge::Verdict verdict;
    verdict.status = judge::PairStatus::before_failed;
    return verdict;
  };
  CHECK_THROWS_WITH(Ran(small_setup(), offer_by_experience, judge),
                    "none of the 3 seed queries runs on this database");
}

TEST_CASE("a judge that fails once is asked again", "[loop]") {
  int calls = 0;
  const Ran ran(
      small_setup(1, 1), [](const Ask&) { return repeated("SELECT 'kept'", 1); },
      [&](const sql::Pair& pair, std::string_view type, std::string_view) {
        if (++calls == 4) // after three seeds
          throw Error{Exit::outside, {"the worker could not start", "", ""}};
        return fake_judge(pair, type, {});
      });
  CHECK(calls == 5);
  CHECK(ran.totals.kept == 1);
}

TEST_CASE("a candidate the judge fails on twice is dropped and counted, not scored 0", "[loop]") {
  const Ran ran(
      small_setup(1, 2),
      [](const Ask&) { return std::vector<std::string>{"SELECT 'kept'", "SELECT 'hard'"}; },
      [](const sql::Pair& pair, std::string_view type, std::string_view) {
        if (pair.after == "SELECT 'hard'")
          throw Error{Exit::outside, {"the worker could not start", "", ""}};
        return fake_judge(pair, type, {});
      });
  CHECK(ran.iterations.at(1).dropped == 1);
  CHECK(*ran.iterations.at(1).reward_mean == 0.5); // of the one that has a reward
  CHECK(ran.totals.dropped == 1);
}

TEST_CASE("a judge that is down ends the run with its error", "[loop]") {
  const JudgeFunction judge = [](const sql::Pair&, std::string_view,
                                 std::string_view) -> judge::Verdict {
    throw Error{Exit::outside, {"the worker could not start", "", ""}};
  };
  CHECK_THROWS_WITH(Ran(small_setup(), offer_by_experience, judge), "the worker could not start");
}

TEST_CASE("a run ends when it has its examples", "[loop]") {
  LoopSetup setup = small_setup(50, 2);
  setup.target_examples = 5;
  const Ran ran(setup, [](const Ask& ask) {
    return std::vector<std::string>{"SELECT 'kept'," + std::to_string(ask.iteration),
                                    "SELECT 'kept2'," + std::to_string(ask.iteration)};
  });
  CHECK(ran.finished);
  CHECK(ran.totals.iterations == 3); // 2 + 2 + 2 >= 5
  CHECK(ran.totals.distinct == 6);
  CHECK(std::filesystem::exists(ran.stage.out / "checkpoint_3.json"));
}

TEST_CASE("with a frozen pool the proposer sees seeds only", "[loop]") {
  LoopSetup setup = small_setup(4, 2);
  setup.frozen_pool = GENERATE(false, true);
  std::size_t shown = 0, tried = 0;
  const Ran ran(setup, [&](const Ask& ask) {
    shown = ask.pool.examples().size();
    tried = ask.tried.size();
    return std::vector<std::string>{"SELECT 'kept'," + std::to_string(ask.iteration), "?"};
  });
  CHECK(shown == (setup.frozen_pool ? 3 : 3 + 3)); // at the fourth iteration three were added
  CHECK(tried == (setup.frozen_pool ? 3 : 3 + 3)); // what is not parsable teaches nothing
}

TEST_CASE("an offer of indexes alone leaves the statement as it was", "[loop]") {
  const Ran ran(small_setup(1, 1), [](const Ask&) { return std::vector<std::string>{""}; });
  REQUIRE(ran.totals.distinct == 1);
  CHECK(ran.data_set.back().after == ran.data_set.back().before);
}

TEST_CASE("a stop keeps what was committed, and the next start goes on from there", "[loop]") {
  Stage stage;
  FakeProposer proposer(offer_by_experience);
  std::string undisturbed;
  {
    Ran ran(small_setup(), offer_by_experience);
    undisturbed = read_file(ran.stage.out / "training_data.json") +
                  read_file(ran.stage.out / "metrics.json") +
                  read_file(ran.stage.out / "checkpoint_6.json");
  }
  bool finished = false;
  int starts = 0, judged = 0;
  while (!finished && ++starts < 50) {
    stage.cancel.request(0);
    store::Run run = stage.open();
    const JudgeFunction judge = [&](const sql::Pair& pair, std::string_view type,
                                    std::string_view) {
      if (++judged % 3 == 0)
        stage.cancel.request(); // Ctrl-C while it is judged: this verdict is not to be trusted
      return fake_judge(pair, type, {});
    };
    Loop loop(small_setup(), run, proposer, judge, stage.cancel, stage.clock);
    finished = loop.run();
  }
  CHECK(finished);
  CHECK(starts > 3);
  CHECK(proposer.asked == 6); // no answer was asked for twice
  CHECK(read_file(stage.out / "training_data.json") + read_file(stage.out / "metrics.json") +
            read_file(stage.out / "checkpoint_6.json") ==
        undisturbed);
}

TEST_CASE("killed at any named point, a resumed run exports the same bytes", "[loop]") {
  const auto point =
      GENERATE(as<std::string>{}, "run.begun:1", "call.intended:1", "call.intended:4",
               "response.received:2", "response.committed:3", "judge.started:1", "judge.ended:2",
               "judge.started:6", "judge.ended:7", "candidate.writing:2", "candidate.committed:3",
               "candidate.writing:9", "candidate.committed:10", "iteration.ended:1",
               "iteration.committed:1", "iteration.ended:5", "iteration.committed:4",
               "export.writing:1", "export.written:1", "export.writing:5", "export.written:6");
  static const std::map<std::string, std::string> undisturbed = [] {
    const Ran ran(small_setup(), offer_by_experience);
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(ran.stage.out))
      if (entry.path().extension() == ".json")
        files[entry.path().filename()] = read_file(entry.path());
    return files;
  }();
  REQUIRE(undisturbed.size() == 5); // training data, metrics, checkpoints 2, 4 and 6

  Stage stage;
  const auto play = [&] {
    store::Run run = stage.open();
    FakeProposer proposer(offer_by_experience);
    Loop loop(small_setup(), run, proposer, fake_judge, stage.cancel, stage.clock);
    CHECK(loop.run());
    return std::string("reached the end");
  };
  const std::string said = quill::test::in_child([&] {
    setenv("QUILL_CRASH_AT", point.c_str(), 1);
    return play();
  });
  INFO(point);
  CHECK(said == "signal 9");
  play();
  for (const auto& [name, bytes] : undisturbed) {
    INFO(name);
    CHECK(read_file(stage.out / name) == bytes);
    CHECK_FALSE(std::filesystem::exists(stage.out / (name + ".edited")));
  }
}

TEST_CASE("missing exports of a finished run are made again, edited ones are moved aside",
          "[loop]") {
  Stage stage;
  FakeProposer proposer(offer_by_experience);
  const auto play = [&] {
    store::Run run = stage.open();
    Loop loop(small_setup(), run, proposer, fake_judge, stage.cancel, stage.clock);
    CHECK(loop.run());
  };
  play();
  const std::string data = read_file(stage.out / "training_data.json");
  const std::string checkpoint = read_file(stage.out / "checkpoint_2.json");
  std::filesystem::remove(stage.out / "checkpoint_2.json");
  real_disk().write_atomic(stage.out / "training_data.json", "[]");
  play();
  CHECK(read_file(stage.out / "checkpoint_2.json") == checkpoint);
  CHECK(read_file(stage.out / "training_data.json") == data);
  CHECK(read_file(stage.out / "training_data.json.edited") == "[]");
  CHECK(proposer.asked == 6);
}

TEST_CASE("a run.db with rows of other examples is refused, not believed", "[loop]") {
  Stage stage;
  FakeProposer proposer(offer_by_experience);
  {
    store::Run run = stage.open();
    Loop loop(small_setup(), run, proposer, fake_judge, stage.cancel, stage.clock);
    (void)loop.run();
  }
  store::Run run = stage.open();
  LoopSetup other = small_setup();
  other.seeds.pop_back();
  CHECK_THROWS_WITH(Loop(other, run, proposer, fake_judge, stage.cancel, stage.clock),
                    "candidate 0-2 belongs to no seed example: problem \"c\"");
}
