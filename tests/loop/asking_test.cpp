#include "loop/asking.hpp"

#include "catch.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "loop/fakes.hpp"

using namespace quill;
using namespace quill::loop;
using namespace quill::loop::test;

namespace {

std::string name_of(std::int64_t iteration, std::int64_t k) {
  return std::to_string(iteration) + "." + std::to_string(k);
}

/// One question a candidate; each answer is held back until those before it in `order` are given,
/// and the first until `together` were asked.
class OrderedProposer final : public Proposer {
 public:
  explicit OrderedProposer(std::vector<std::string> order, int together = 0)
      : order_(std::move(order)), together_(together) {}

  std::vector<Question> questions(const Ask& ask) override {
    std::vector<Question> questions;
    const std::vector<std::string> offers = offer_by_experience(ask);
    for (std::int64_t k = 0; k < ask.count; ++k)
      questions.push_back(
          {.key = name_of(ask.iteration, k), .request = offers[static_cast<std::size_t>(k)]});
    return questions;
  }
  store::Response answer(const Question& question, const Ask&) override {
    std::unique_lock lock(mutex_);
    ++asked_;
    turn_.notify_all();
    turn_.wait(lock, [&] {
      return asked_ >= together_ && (next_ == order_.size() || order_[next_] == question.key);
    });
    next_ = std::min(next_ + 1, order_.size());
    turn_.notify_all();
    return {.body = question.request};
  }
  Offers read(const store::Response& response) const override {
    Offers offers;
    offers.candidates.emplace_back(task::Candidate{
        .after = response.body, .indexes = {}, .type = "", .rule = "r", .explanation = ""});
    return offers;
  }
  std::string provider() const override { return "fake"; }

  void let_go() {
    const std::lock_guard lock(mutex_);
    next_ = order_.size();
    turn_.notify_all();
  }

 private:
  std::vector<std::string> order_;
  std::size_t next_ = 0;
  int together_, asked_ = 0;
  std::mutex mutex_;
  std::condition_variable turn_;
};

constexpr std::int64_t kIterations = 6, kCandidates = 3;

LoopSetup two_ahead(std::int64_t concurrency) {
  LoopSetup setup = small_setup(kIterations, kCandidates);
  setup.concurrency = concurrency;
  setup.ahead = 1;
  return setup;
}

std::string exports_of(const Stage& stage) {
  return read_file(stage.out / "training_data.json") + read_file(stage.out / "metrics.json");
}

/// What a run exports whose answers come in this order.
std::string run_in(const std::vector<std::string>& order, std::int64_t concurrency,
                   int together = 0) {
  Stage stage;
  store::Run run = stage.open();
  OrderedProposer proposer(order, together);
  Loop loop(two_ahead(concurrency), run, proposer, fake_judge, stage.cancel, stage.clock);
  CHECK(loop.run());
  return exports_of(stage);
}

/// The second of each two iterations first, and each one's answers from the last to the first.
std::vector<std::string> backwards() {
  std::vector<std::string> order;
  const auto add = [&](std::int64_t iteration) {
    for (std::int64_t k = kCandidates; k-- > 0;)
      order.push_back(name_of(iteration, k));
  };
  add(2);
  add(1);
  for (std::int64_t iteration = 3; iteration <= kIterations; ++iteration)
    add(iteration);
  return order;
}

} // namespace

TEST_CASE("in which order answers arrive changes nothing", "[loop]") {
  const std::string straight = run_in({}, 6);
  CHECK((run_in(backwards(), 6, 6) == straight)); // all of two iterations are in flight at once
  CHECK((run_in({}, 1) == straight));
}

TEST_CASE("asked ahead, a run that is killed after any iteration goes on as if it were not",
          "[loop]") {
  const std::string undisturbed = run_in({}, 4);
  for (std::int64_t stop_after = 0; stop_after < kIterations; ++stop_after) {
    Stage stage;
    {
      store::Run run = stage.open();
      OrderedProposer proposer({});
      Loop loop(two_ahead(4), run, proposer, fake_judge, stage.cancel, stage.clock);
      CHECK_FALSE(loop.run([&](const IterationMetrics& metrics, const Totals&) {
        if (metrics.iteration == stop_after)
          stage.cancel.request();
      }));
    }
    Stage again;
    again.out = stage.out;
    store::Run run = again.open();
    OrderedProposer proposer({});
    Loop loop(two_ahead(4), run, proposer, fake_judge, again.cancel, again.clock);
    CHECK(loop.run());
    CHECK((exports_of(stage) == undisturbed));
  }
}

TEST_CASE("a stop stores what is in flight and sends nothing more", "[loop]") {
  Stage stage;
  store::Run run = stage.open();
  OrderedProposer proposer({"never", "asked"}); // holds every answer back …
  {
    Asking asking(run, proposer, stage.cancel, stage.clock, 2);
    const Problems problems;
    const task::Problem problem{.id = "p", .schema = "", .before = "SELECT 1", .needs = {}};
    const Pool pool;
    const std::vector<Tried> tried;
    asking.plan({.iteration = 1,
                 .problem = problem,
                 .count = 5,
                 .pool = pool,
                 .tried = tried,
                 .problems = problems,
                 .rng = Rng(1)});
    asking.send();
    while (run.open_calls() < 2)
      std::this_thread::yield();
    stage.cancel.request();
    proposer.let_go(); // … until now
  }
  CHECK(run.response("1.0"));
  CHECK(run.response("1.1"));
  CHECK_FALSE(run.response("1.2"));
  CHECK(run.open_calls() == 0);
}

TEST_CASE("a reached budget ends the run with its answers kept", "[loop]") {
  class Poor final : public Proposer {
   public:
    std::vector<Question> questions(const Ask& ask) override {
      return {{.key = std::to_string(ask.iteration), .request = "{}"}};
    }
    store::Response answer(const Question& question, const Ask&) override {
      if (question.key == "3")
        throw Error{Exit::budget, {.what = "the budget is spent", .where = "", .fix = ""}};
      return {.body = "{}"};
    }
    Offers read(const store::Response&) const override { return {}; }
    std::string provider() const override { return "fake"; }
  } proposer;
  Stage stage;
  store::Run run = stage.open();
  Loop loop(small_setup(), run, proposer, fake_judge, stage.cancel, stage.clock);
  CHECK_FALSE(loop.run());
  CHECK(loop.budget_reached()->what == "the budget is spent");
  CHECK(loop.totals().iterations == 2);
  CHECK(std::filesystem::exists(stage.out / "metrics.json"));
}
