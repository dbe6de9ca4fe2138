// Stage 2: steering, novelty, and the loop with an author that needs no world.
#include "catch.hpp"

#include <fmt/format.h>

#include "loop/fakes.hpp"
#include "loop/novelty.hpp"
#include "loop/steering.hpp"
#include "loop/tally.hpp"
#include "quill/sql/text.hpp"

using namespace quill;
using namespace quill::loop;
using namespace quill::loop::test;

namespace {

/// Writes "SELECT <word> FROM t" with the next word of its list; knows "kept …" to be faster.
class FakeAuthor final : public Author {
 public:
  explicit FakeAuthor(std::function<std::string(const WriteAsk&)> words)
      : words_(std::move(words)) {}
  Question question(const WriteAsk& ask) override {
    return {.key = fmt::format("write {} {}", ask.iteration, ask.attempt), .request = "{}"};
  }
  store::Response answer(const Question&, const WriteAsk& ask) override {
    asks.push_back({ask.database, std::string(ask.wish.name), ask.attempt});
    return {.body = words_(ask)};
  }
  Result<Written> read(const store::Response& response, const WriteAsk&) override {
    if (response.body == "?")
      return Failure{"no query"};
    return Written{.before = "SELECT " + response.body + " FROM t", .needs = {}, .known = {}};
  }
  Price price(const store::Response&) const override {
    Price price;
    price.usage.prompt_tokens = 7;
    return price;
  }
  struct Asked {
    std::string database, wish;
    std::int64_t attempt;
  };
  std::vector<Asked> asks;

 private:
  std::function<std::string(const WriteAsk&)> words_;
};

LoopSetup stage2_setup(std::int64_t iterations) {
  LoopSetup setup = small_setup(iterations);
  setup.stage = 2;
  setup.seeds.clear();
  setup.sites = {{.name = "one", .schema = "CREATE TABLE t (a)", .engine = "sqlite 3"},
                 {.name = "two", .schema = "CREATE TABLE t (b)", .engine = "sqlite 3"}};
  return setup;
}

std::vector<std::string> kept_and_better(const Ask&) {
  return {"SELECT 'kept'", "SELECT 'kept' -- b"};
}

/// A query nobody wrote: names by iteration and attempt, far apart as token triples go.
std::string fresh_words(const WriteAsk& ask) {
  return fmt::format("x{0}_{1}, y{0}_{1}", ask.iteration, ask.attempt);
}

} // namespace

TEST_CASE("the band furthest below its share is wanted next", "[loop]") {
  CHECK(next_band(empty_bands()).name == "2-10x"); // 0.5, 0.3 and 0.2 of the first one
  Counts counts = empty_bands();
  for (int k = 0; k < 5; ++k)
    count_band(counts, 4);
  CHECK(next_band(counts).name == "10-100x"); // 6 * 0.3 = 1.8 missing, 100x+ 6 * 0.2 = 1.2
  count_band(counts, 40);
  count_band(counts, 40);
  CHECK(next_band(counts).name == "100x+"); // 8 * 0.2 = 1.6; 8 * 0.3 - 2 = 0.4; 4 - 5 < 0
  for (int k = 0; k < 50; ++k)
    count_band(counts, 1.7); // a band of its own, which is not steered
  CHECK(next_band(counts).name == "100x+");
}

TEST_CASE("following the wish keeps the shares within a point or two", "[loop]") {
  Counts counts = empty_bands();
  for (int k = 0; k < 1'000; ++k)
    count_band(counts, next_band(counts).low * 2);
  for (const auto& [name, count] : counts)
    for (const Band& band : wanted_bands())
      if (band.name == name)
        CHECK(static_cast<double>(count) / 1'000 == Approx(band.share).margin(0.01));
}

TEST_CASE("of the kept candidates the one in the wanted band is taken, then the best", "[loop]") {
  const Band& wanted = wanted_bands().front(); // 2-10x
  CHECK(choose_example({150, 4, 6}, {0.9, 0.5, 0.6}, wanted) == 2);
  CHECK(choose_example({150, 40}, {0.9, 0.8}, wanted) == 0);
  CHECK(choose_example({4, 4}, {0.5, 0.5}, wanted) == 0);
  CHECK(choose_example({}, {}, wanted) == 0);
}

TEST_CASE("a query that differs in constants alone is not new; on another database it is",
          "[loop]") {
  Novelty novelty;
  novelty.add("shop", "SELECT id FROM orders WHERE status = 'paid' AND amount > 10");
  CHECK_FALSE(novelty.is_new("shop", "select id from orders where status = 'open' and amount > 9"));
  CHECK(novelty.is_new("forum", "SELECT id FROM orders WHERE status = 'paid' AND amount > 10"));
  CHECK(novelty.is_new("shop", "SELECT id FROM orders WHERE city = 'paid' AND amount > 10"));
  CHECK(novelty.is_new("shop", "no sql ' at all"));
}

TEST_CASE("jaccard counts shared triples over all of them", "[loop]") {
  CHECK(jaccard({1, 2, 3}, {2, 3, 4}) == Approx(0.5)); // 2 of 4
  CHECK(jaccard({}, {}) == 1);
  CHECK(jaccard({1}, {2}) == 0);
}

TEST_CASE("stage 2 asks about a new query each iteration and takes one example of each", "[loop]") {
  Stage stage;
  store::Run run = stage.open();
  FakeProposer proposer(kept_and_better);
  FakeAuthor author(fresh_words);
  Loop loop(stage2_setup(6), run, proposer, fake_judge, stage.cancel, stage.clock, &author);
  REQUIRE(loop.run());
  REQUIRE(loop.data_set().size() == 6); // two candidates were kept of each
  std::set<std::string> befores, databases;
  for (const Example& example : loop.data_set()) {
    befores.insert(sql::fingerprint(example.before));
    databases.insert(example.database);
  }
  CHECK(befores.size() == 6);
  CHECK(databases == std::set<std::string>{"one", "two"}); // each once in two iterations
  CHECK(loop.totals().before_diversity == Approx(1.0));
  CHECK(loop.totals().prompt_tokens == 6 * 107); // 100 of the candidates', 7 of the query's
}

TEST_CASE("a query that is not new is asked for again, and a turn without one asks nothing",
          "[loop]") {
  Stage stage;
  store::Run run = stage.open();
  FakeProposer proposer(kept_and_better);
  FakeAuthor author([](const WriteAsk& ask) -> std::string {
    if (ask.iteration == 3)
      return "?";
    return ask.attempt < 2 ? "same" : fmt::format("new{0}, also{0}", ask.iteration);
  });
  LoopSetup setup = stage2_setup(3);
  setup.sites.resize(1);
  Loop loop(setup, run, proposer, fake_judge, stage.cancel, stage.clock, &author);
  REQUIRE(loop.run());
  // 1: "same" is new. 2: "same" twice, then another. 3: five times nothing.
  CHECK(author.asks.size() == 1 + 3 + 5);
  CHECK(loop.data_set().size() == 2);
  CHECK(proposer.asked == 2);
  CHECK(loop.totals().asked == 4); // two candidates of two problems
}

TEST_CASE("a stage 2 run that was stopped goes on as if it had not been", "[loop]") {
  const auto bytes = [](bool stopped) {
    Stage stage;
    store::Run run = stage.open();
    FakeProposer proposer(kept_and_better);
    FakeAuthor author(fresh_words);
    int judged = 0;
    const JudgeFunction judge = [&](const sql::Pair& pair, std::string_view, std::string_view) {
      if (stopped && ++judged == 3) // the fast ones are judged once each
        stage.cancel.request();
      return verdict_of(pair.after);
    };
    {
      Loop loop(stage2_setup(5), run, proposer, judge, stage.cancel, stage.clock, &author);
      CHECK(loop.run() == !stopped);
    }
    if (stopped) {
      Cancel again;
      Loop loop(stage2_setup(5), run, proposer, fake_judge, again, stage.clock, &author);
      CHECK(loop.run());
    }
    return read_file(stage.out / "training_data.json") + read_file(stage.out / "metrics.json");
  };
  CHECK(bytes(true) == bytes(false));
}
