// Rewards: exact scores, said why, and what happens when the judge itself fails.
#include "catch.hpp"

#include <atomic>

#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/alter.hpp"
#include "quill/train/reward.hpp"
#include "quill/train/rollout.hpp"

using namespace quill;
using namespace quill::train;

namespace {

class Shelf {
 public:
  Shelf() {
    real_disk().write_atomic(folder_.path() / "empty.sqlite", "");
    add("a", "CREATE TABLE t(n INTEGER, s TEXT); INSERT INTO t VALUES (1,'x'),(2,'y'),(3,'y')");
    add("b", "CREATE TABLE t(n INTEGER, s TEXT); INSERT INTO t VALUES (1,'x'),(1,'x')");
  }
  void add(const std::string& name, const std::string& script) const {
    engine::alter_copy(folder_.path() / "empty.sqlite", at(name), script);
  }
  [[nodiscard]] std::filesystem::path at(const std::string& name) const {
    return folder_.path() / (name + ".sqlite");
  }
  [[nodiscard]] Exercise asks(const std::string& gold) const {
    Exercise exercise;
    exercise.id = "e";
    exercise.databases = {at("a")};
    exercise.gold = {gold};
    return exercise;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  ScratchFolder folder_{"quill-rewards"};
};

const Cancel kNever;

Score scored(const std::shared_ptr<Reward>& reward, const Exercise& exercise,
             const std::string& answer) {
  return reward->of({&exercise, answer});
}

/// Counts how often it is asked; cannot judge "?".
class Counting final : public Reward {
 public:
  [[nodiscard]] std::string name() const override { return "counting"; }
  [[nodiscard]] Score of(const Attempt& attempt) override {
    ++asked;
    if (attempt.answer == "?")
      return {.value = std::nullopt, .why = "no idea"};
    return {.value = 0.5, .why = "half"};
  }
  std::atomic<int> asked = 0;
};

} // namespace

TEST_CASE("an execution is worth 1, 0.3, -0.8 or -0.5", "[train]") {
  const Shelf shelf;
  const auto reward = execution_reward(make_bench(5000, 4, kNever));
  const Exercise exercise = shelf.asks("SELECT s FROM t WHERE n > 1");
  CHECK(scored(reward, exercise, "SELECT s FROM t WHERE n >= 2").value == 1.0);
  CHECK(scored(reward, exercise, "SELECT n FROM t").value == 0.3);
  CHECK(scored(reward, exercise, "SELECT missing FROM t").value == -0.8);
  CHECK(scored(reward, exercise, "SELECT FROM WHERE").value == -0.5);
  CHECK(scored(reward, exercise, "I do not know.").value == -0.5);
  CHECK(scored(reward, exercise, "```sql\nDROP TABLE t\n```").value == -0.8);
}

TEST_CASE("a query that does not end in time is worth -0.8", "[train]") {
  const Shelf shelf;
  const auto reward = execution_reward(make_bench(100, 4, kNever));
  const Score score = scored(
      reward, shelf.asks("SELECT 1"),
      "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM r) SELECT COUNT(*) FROM r");
  CHECK(score.value == -0.8);
  CHECK(score.why.substr(0, 7) == "timeout");
}

TEST_CASE("an answer must be right on every content of its database", "[train]") {
  const Shelf shelf;
  const auto reward = execution_reward(make_bench(5000, 4, kNever));
  Exercise exercise = shelf.asks("SELECT COUNT(*) FROM t");
  CHECK(scored(reward, exercise, "SELECT MAX(n) FROM t").value == 1.0); // 3 rows, the largest is 3
  exercise.databases.push_back(shelf.at("b"));                          // 2 rows, the largest is 1
  CHECK(scored(reward, exercise, "SELECT MAX(n) FROM t").value == 0.3);
}

TEST_CASE("order counts only where the accepted query orders", "[train]") {
  const Shelf shelf;
  const auto reward = execution_reward(make_bench(5000, 4, kNever));
  const std::string downwards = "SELECT n FROM t ORDER BY n DESC";
  CHECK(scored(reward, shelf.asks("SELECT n FROM t"), downwards).value == 1.0);
  CHECK(scored(reward, shelf.asks("SELECT n FROM t ORDER BY n"), downwards).value == 0.3);
}

TEST_CASE("any of several accepted queries will do", "[train]") {
  const Shelf shelf;
  const auto reward = execution_reward(make_bench(5000, 4, kNever));
  Exercise exercise = shelf.asks("SELECT 5");
  exercise.gold.emplace_back("SELECT MAX(n) FROM t");
  CHECK(scored(reward, exercise, "SELECT 3").value == 1.0);
}

TEST_CASE("a judge that fails leaves the answer unjudged", "[train]") {
  const Shelf shelf;
  const auto reward = execution_reward(make_bench(5000, 4, kNever));
  const Score broken = scored(reward, shelf.asks("SELECT gone FROM t"), "SELECT 1");
  CHECK_FALSE(broken.value);
  CHECK(broken.why == "not judged: the accepted query did not run: no such column: gone");
  Exercise nowhere = shelf.asks("SELECT 1");
  nowhere.databases = {shelf.path() / "missing.sqlite"};
  CHECK_FALSE(scored(reward, nowhere, "SELECT 1").value);
}

TEST_CASE("syntax is worth 1 or -0.5", "[train]") {
  const Shelf shelf;
  const auto reward = syntax_reward(make_bench(5000, 4, kNever));
  const Exercise exercise = shelf.asks("SELECT 1");
  CHECK(scored(reward, exercise, "SELECT missing FROM t").value == 1.0);
  CHECK(scored(reward, exercise, "SELECT (1").value == -0.5);
}

TEST_CASE("meaning is worth 1 for the same tree and -1 for none", "[train]") {
  const Shelf shelf;
  const auto reward = semantic_reward(make_bench(5000, 4, kNever));
  const Exercise exercise = shelf.asks("SELECT s FROM t WHERE n > 1");
  CHECK(scored(reward, exercise, "select s from t where n > 1").value == 1.0);
  CHECK(scored(reward, exercise, "SELECT (1").value == -1.0);
  const auto near = scored(reward, exercise, "SELECT s FROM t WHERE n > 2").value;
  const auto far = scored(reward, exercise, "SELECT COUNT(*) FROM t").value;
  REQUIRE((near && far));
  CHECK(*near > *far);
  CHECK(*near < 1);
}

TEST_CASE("sql is 0.2 syntax, 0.6 execution and 0.2 meaning, and says all three", "[train]") {
  const Shelf shelf;
  const auto reward = make_reward({}, kNever);
  const Exercise exercise = shelf.asks("SELECT MAX(n) FROM t");
  // 0.2 · 1 + 0.6 · 1 + 0.2 · 1
  CHECK(*scored(reward, exercise, "SELECT MAX(n) FROM t").value == Approx(1));
  // 0.2 · -0.5 + 0.6 · -0.5 + 0.2 · -1
  const Score bad = scored(reward, exercise, "SELECT (1");
  CHECK(*bad.value == Approx(-0.6));
  REQUIRE(bad.parts.size() == 3);
  CHECK(bad.parts[1] == std::pair<std::string, double>{"execution", -0.5});
  CHECK(bad.why.find("semantic: it has no tree") != std::string::npos);
}

TEST_CASE("a part that cannot be judged leaves the whole unjudged", "[train]") {
  const auto counting = std::make_shared<Counting>();
  CompositeReward both("both", {{counting, 2}, {counting, 1}});
  const Exercise exercise;
  CHECK(both.of({&exercise, "x"}).value == 1.5); // 2 · 0.5 + 1 · 0.5
  CHECK_FALSE(both.of({&exercise, "?"}).value);
}

TEST_CASE("the same answer is judged once, what could not be judged again", "[train]") {
  const auto counting = std::make_shared<Counting>();
  CachedReward cached(counting, 10);
  const Exercise exercise;
  for (int i = 0; i < 3; ++i)
    CHECK(cached.of({&exercise, "x"}).value == 0.5);
  CHECK(counting->asked == 1);
  CHECK(cached.hits() == 2);
  (void)cached.of({&exercise, "?"});
  (void)cached.of({&exercise, "?"});
  CHECK(counting->asked == 3);
}

TEST_CASE("a faster right answer is worth something, a wrong one nothing", "[train]") {
  const Shelf shelf;
  shelf.add("big", "CREATE TABLE u(id INTEGER, k INTEGER); WITH RECURSIVE r(i) AS (SELECT 1 UNION "
                   "ALL SELECT i+1 FROM r WHERE i < 2000) INSERT INTO u SELECT i, i FROM r");
  const auto reward = speed_reward(make_bench(10'000, 4, kNever));
  Exercise exercise;
  exercise.id = "slow";
  exercise.databases = {shelf.at("big")};
  exercise.before = "SELECT DISTINCT u.id FROM u JOIN u x ON x.k = u.k WHERE u.k = 7";
  const Score wrong =
      scored(reward, exercise, "```sql\nSELECT DISTINCT id FROM u WHERE k = 8\n```");
  CHECK(wrong.value == 0.0);
  const Score right =
      scored(reward, exercise, "```sql\nSELECT DISTINCT id FROM u WHERE k = 7\n```");
  INFO(right.why);
  REQUIRE(right.value);
  CHECK(*right.value > 0);
  CHECK(scored(reward, exercise, "no idea").value == 0.0);
}

TEST_CASE("a program of one's own says what answers are worth, one line for each", "[train]") {
  Exercise exercise;
  exercise.id = "e1";
  exercise.gold = {"SELECT 1"};
  const std::vector<Attempt> attempts = {{&exercise, "SELECT 1"}, {&exercise, "no"}};
  const auto right = command_reward(
      R"sh(while read -r line; do case $line in *'"answer":"SELECT 1"'*'"gold":["SELECT 1"]'*)
             echo '{"reward": 1.5, "why": "right"}';; *) echo '{"reward": null}';; esac; done)sh",
      5000);
  CHECK(right->batched());
  const auto scores = right->of_all(attempts);
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].value == 1.5);
  CHECK(scores[0].why == "right");
  CHECK_FALSE(scores[1].value);
}

TEST_CASE("the program that the docs show is a reward", "[train]") {
  const Exercise exercise;
  const auto scores = command_reward(SHORT_ANSWERS, 5000)
                          ->of_all({{&exercise, "SELECT 1, 2"}, {&exercise, "I do not know"}});
  CHECK(scores[0].value == Approx(0.978)); // 1 - 11 / 500
  CHECK(scores[0].why == "11 bytes");
  CHECK(scores[1].value == -1.0);
}

TEST_CASE("a program that fails leaves its answers unjudged and says why", "[train]") {
  const Exercise exercise;
  const auto why = [&](const std::string& command) {
    const auto score = command_reward(command, 300)->of({&exercise, "x"});
    CHECK_FALSE(score.value);
    return score.why;
  };
  CHECK(why("exit 3") == "not judged: \"exit 3\": it left with exit code 3");
  CHECK(why("echo") == "not judged: \"echo\": it wrote 0 lines for 1 answers");
  CHECK(why("kill -9 $$") == "not judged: \"kill -9 $$\": it died (signal 9)");
  CHECK(why("sleep 60") == "not judged: \"sleep 60\": it did not end in time");
  CHECK(why("exec >&-; sleep 60") == "not judged: \"exec >&-; sleep 60\": it did not end in time");
  CHECK(why("yes") == "not judged: \"yes\": it wrote more than 65536 bytes");
  CHECK(why("echo '{}'") == "not judged: \"echo '{}'\": key \"reward\" is missing");
}

TEST_CASE("answers are judged as they come, and stand in the order of their numbers", "[train]") {
  const Exercise exercise;
  Counting counting;
  Grading one_by_one(counting, 2, 3, 3);
  one_by_one.add(2, {&exercise, "x"});
  one_by_one.add(0, {&exercise, "?"});
  one_by_one.add(1, {&exercise, "x"});
  const auto scores = one_by_one.scores();
  CHECK_FALSE(scores[0].value);
  CHECK(scores[1].value == 0.5);
  CHECK(scores[2].value == 0.5);
  const auto lengths =
      command_reward(R"sh(sed 's/.*"answer":"\([0-9]*\)".*/{"reward": \1}/')sh", 5000);
  Grading together(*lengths, 2, 4, 2);
  for (const std::size_t number : {3U, 0U, 2U, 1U})
    together.add(number, {&exercise, std::to_string(10 * number)});
  const auto found = together.scores();
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(found[i].value == 10.0 * static_cast<double>(i));
}

TEST_CASE("a completion comes back from its line with the same bits", "[train]") {
  const Completion completion{.exercise = 3,
                              .prompt = {1, 2},
                              .ids = {7, 8},
                              .logprobs = {-0.1F, -1.0F / 3},
                              .text = "SELECT 1",
                              .ended = true,
                              .score = {.value = 1.0 / 3, .why = "w", .parts = {{"p", 0.1}}}};
  const Completion back =
      completion_from_json(parse_json(dump_json(to_json(completion)), "t"), "t");
  CHECK(back.logprobs == completion.logprobs);
  CHECK(back.ids == completion.ids);
  CHECK(back.prompt == completion.prompt);
  CHECK(back.score.value == completion.score.value);
  CHECK(back.score.parts == completion.score.parts);
  CHECK(back.ended);
}
