// Timing and keeping, on a recorded clock.
#include "quill/judge/evaluate.hpp"

#include "catch.hpp"
#include "judge/scripted_session.hpp"

using namespace quill::judge;
using quill::engine::Cause;
using quill::engine::Side;
using quill::engine::Status;
using quill::judge::test::ScriptedSession;
using quill::sql::Pair;

namespace {

const std::string kSlow = "SELECT a FROM t WHERE slow";
const std::string kFast = "SELECT a FROM t WHERE fast";

Pair pair_of(std::vector<std::string> indexes = {}) {
  Pair pair;
  pair.id = "p";
  pair.before = kSlow;
  pair.after = kFast;
  pair.indexes = std::move(indexes);
  return pair;
}

JudgeConfig config() {
  JudgeConfig out;
  out.readability = "off"; // the tests of time leave the bonus out
  out.trust = "fast";      // and a recorded engine has no schema to prove over
  return out;
}

Verdict judged(ScriptedSession& session, const JudgeConfig& settings, const Pair& pair) {
  return Judge(session, settings).evaluate(pair);
}

} // namespace

TEST_CASE("trimmed5 takes five samples a side in turn, before first", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {100, 20, 21, 22, 1});
  session.times(kFast, {50, 2, 2, 2, 1});
  auto settings = config();
  settings.timing = "trimmed5";
  const auto verdict = judged(session, settings, pair_of());

  REQUIRE(session.sampled.size() == 10);
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(session.sampled[i] == (i % 2 == 0 ? kSlow : kFast));
  CHECK(session.runs == 0);               // the rows of the timed runs were hashed: no further run
  CHECK(verdict.before_ms == Approx(21)); // (20 + 21 + 22) / 3
  CHECK(verdict.after_ms == Approx(2));
  CHECK(verdict.speedup == Approx(10.5));       // 21 / 2
  CHECK(verdict.engine_ms == Approx(164 + 57)); // all samples of both sides
  CHECK(verdict.correct == true);
  CHECK(verdict.verdict == "same");
  CHECK(verdict.status == PairStatus::ok);
  CHECK(verdict.significant);
  CHECK(verdict.kept);
  CHECK(verdict.rows == 2);
  CHECK(verdict.engine == "scripted 1");
}

TEST_CASE("3run drops the first of three and averages two", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {500, 20, 20});
  session.times(kFast, {500, 10, 10});
  auto settings = config();
  settings.timing = "3run";
  const auto verdict = judged(session, settings, pair_of());
  CHECK(session.sampled.size() == 6);
  CHECK(verdict.before_ms == 20);
  CHECK(verdict.after_ms == 10);
  CHECK(verdict.speedup == 2);
  CHECK(verdict.reward == 0.45);
  CHECK(verdict.kept);
}

TEST_CASE("samples are asked to last long enough for the clock", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {0.02});
  session.times(kFast, {0.01});
  (void)judged(session, config(), pair_of());
  REQUIRE(session.sample_ms_min.size() == 12); // one run a side for the rows, five samples each
  CHECK(session.sample_ms_min[0] == 0);        // most candidates fail there
  CHECK(session.sample_ms_min[1] == 0);
  for (std::size_t i = 2; i < 12; ++i)
    CHECK(session.sample_ms_min[i] >= 1);
}

TEST_CASE("a first run that is long enough counts as a sample", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.times(kFast, {10});
  (void)judged(session, config(), pair_of());
  CHECK(session.sampled.size() == 10);
}

TEST_CASE("the processor's clock decides where the engine tells it", "[judge]") {
  ScriptedSession session;
  // On the wall before seems twice as slow: another process had its core.
  for (auto* sql : {&kSlow, &kFast}) {
    auto sample = ScriptedSession::ran(sql == &kSlow ? 40 : 20);
    sample.cpu_ms = 15;
    session.samples[*sql] = {sample};
  }
  auto settings = config();
  const auto verdict = judged(session, settings, pair_of());
  CHECK(verdict.speedup == 1);
  CHECK(verdict.before_ms == 15);
  CHECK(verdict.clock == "processor");
  CHECK_FALSE(verdict.significant);
  settings.timing = "trimmed5"; // as the field takes it: wall time
  const auto wall = judged(session, settings, pair_of());
  CHECK(wall.speedup == 2);
  CHECK(wall.clock == "wall");
}

TEST_CASE("one sample without a processor time leaves the whole pair on the wall", "[judge]") {
  ScriptedSession session;
  auto told = ScriptedSession::ran(20);
  told.cpu_ms = 1;
  session.samples[kSlow] = {told, told, told, told, ScriptedSession::ran(20)};
  session.times(kFast, {10});
  const auto verdict = judged(session, config(), pair_of());
  CHECK(verdict.clock == "wall");
  CHECK(verdict.speedup == 2);
}

TEST_CASE("the limits of a run are those of the settings, without a row limit", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {2});
  session.times(kFast, {1});
  auto settings = config();
  settings.memory_mb = 100;
  settings.timeout_s = 2.5;
  (void)judged(session, settings, pair_of());
  CHECK(session.last_limits.rows == 0);
  CHECK(session.last_limits.timeout_ms == 2500);
  CHECK(session.last_limits.memory_mb == 100);
  CHECK(session.last_limits.steps == 0);
}

TEST_CASE("a pair far from the bar is decided in one block", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {10, 10.1, 10.2, 10.1, 10});
  session.times(kFast, {10, 10.1, 10.2, 10.1, 10}); // 1x, bar 1.5x
  const auto verdict = judged(session, config(), pair_of());
  CHECK(session.sampled.size() == 10);
  CHECK_FALSE(verdict.kept);
}

TEST_CASE("a pair near the bar is given further blocks, and at most eight", "[judge]") {
  ScriptedSession session;
  // 15.5 / 10 = 1.55x with a spread of some 10 %: the interval holds 1.5 in every block.
  std::vector<double> slow, fast;
  for (int block = 0; block < 8; ++block) {
    slow.insert(slow.end(), {14, 15, 15.5, 16, 17});
    fast.insert(fast.end(), {9, 9.5, 10, 10.5, 11});
  }
  session.times(kSlow, slow);
  session.times(kFast, fast);
  const auto verdict = judged(session, config(), pair_of());
  CHECK(session.sampled.size() == 80);
  CHECK(verdict.blocks == 8);
  CHECK(verdict.speedup == Approx(1.55));
  // The sides lead in turn: B A … in the first block, A B … in the second.
  CHECK(session.sampled[0] == kSlow);
  CHECK(session.sampled[10] == kFast);
  CHECK(session.sampled[20] == kSlow);
}

TEST_CASE("3run and trimmed5 are one block, whatever they say", "[judge]") {
  for (const auto& [timing, runs] : {std::pair{"3run", 6}, std::pair{"trimmed5", 10}}) {
    ScriptedSession session;
    session.times(kSlow, {14, 15, 17, 16, 15});
    session.times(kFast, {9, 11, 10, 9.5, 12});
    auto settings = config();
    settings.timing = timing;
    const auto verdict = judged(session, settings, pair_of());
    CHECK(session.sampled.size() == static_cast<std::size_t>(runs));
    CHECK(verdict.timing == timing);
    CHECK(verdict.blocks == 1);
  }
}

TEST_CASE("a win inside the noise is not significant and not kept", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {5, 60, 20, 10, 40, 5, 60, 20, 10, 40, 5, 60, 20, 10, 40});
  session.times(kFast, {2, 40, 5, 15, 24, 2, 40, 5, 15, 24, 2, 40, 5, 15, 24});
  const auto verdict = judged(session, config(), pair_of());
  REQUIRE(verdict.speedup.has_value());
  CHECK(*verdict.speedup > 1.5);
  CHECK(*verdict.noise > *verdict.speedup - 1);
  CHECK_FALSE(verdict.significant);
  CHECK_FALSE(verdict.kept);
  CHECK(verdict.correct == true);
}

TEST_CASE("a speedup below --min-speedup is not kept, whatever its reward", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {14});
  session.times(kFast, {10});
  auto settings = config();
  settings.threshold = 0.1;
  CHECK_FALSE(judged(session, settings, pair_of()).kept); // 1.4x
  settings.min_speedup = 1.3;
  CHECK(judged(session, settings, pair_of()).kept);
}

TEST_CASE("a reward below the threshold is not kept", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {16});
  session.times(kFast, {10});
  auto settings = config();
  settings.reward = "log"; // log10(2.6) = 0.415 < 0.5
  const auto verdict = judged(session, settings, pair_of());
  CHECK(verdict.reward == Approx(0.41497).epsilon(1e-4));
  CHECK_FALSE(verdict.kept);
  settings.reward = "table"; // 0.25 + 0.20·log(1.6/1.5)/log(2/1.5) = 0.295 ≥ 0.25
  CHECK(judged(session, settings, pair_of()).kept);
}

TEST_CASE("readability adds to the reward and is reported", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.times("SELECT a FROM t", {10});
  auto settings = config();
  settings.readability = "offline";
  auto pair = pair_of();
  pair.after = "SELECT a FROM t"; // shorter, so better to read
  const auto verdict = judged(session, settings, pair);
  REQUIRE(verdict.readability.has_value());
  CHECK(*verdict.readability > 0);
  CHECK(verdict.reward == Approx(0.45 + *verdict.readability));
}

TEST_CASE("indexes are built once on the second image, where only after runs", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.times(kFast, {10});
  const auto verdict = judged(session, config(), pair_of({"CREATE INDEX i ON t(a)"}));
  CHECK(session.built == std::vector<std::string>{"CREATE INDEX i ON t(a)"});
  for (std::size_t i = 0; i < session.sampled.size(); ++i)
    CHECK(session.sides[i] == (session.sampled[i] == kSlow ? Side::base : Side::indexed));
  CHECK(verdict.index_build_ms == 3);
  CHECK(verdict.copy_ms == 2);
  CHECK(verdict.engine_ms == Approx(5 * 20 + 5 * 10)); // the build is not in it
}

TEST_CASE("an after that only brings indexes runs before's statement", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20, 20, 10});
  auto pair = pair_of({"CREATE INDEX i ON t(a)"});
  pair.after.clear();
  const auto verdict = judged(session, config(), pair);
  CHECK(verdict.status == PairStatus::ok);
  CHECK(session.sampled[1] == kSlow);
  CHECK(session.sides[1] == Side::indexed);
}

TEST_CASE("an index that does not build fails after, with the engine's words", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.build.ok = false;
  session.build.message = "no such column: x";
  const auto verdict = judged(session, config(), pair_of({"CREATE INDEX i ON t(x)"}));
  CHECK(verdict.status == PairStatus::after_failed);
  CHECK(verdict.reason == "index: no such column: x");
  CHECK(verdict.reward == 0.0);
  CHECK_FALSE(verdict.correct.has_value());
  CHECK_FALSE(verdict.kept);
}

TEST_CASE("a before that times out is never accepted unchecked", "[judge]") {
  ScriptedSession session;
  session.samples[kSlow] = {ScriptedSession::ended(Status::timeout, "longer than 10000 ms")};
  session.times(kFast, {1});
  const auto verdict = judged(session, config(), pair_of());
  CHECK(verdict.status == PairStatus::timeout);
  CHECK(verdict.verdict == "unknown");
  CHECK_FALSE(verdict.correct.has_value());
  CHECK_FALSE(verdict.reward.has_value());
  CHECK_FALSE(verdict.kept);
  CHECK(verdict.reason == "before: timeout: longer than 10000 ms; no smaller database could be "
                          "made: it has no tables");
}

TEST_CASE("an after that times out is a failed candidate", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.samples[kFast] = {ScriptedSession::ended(Status::timeout, "")};
  const auto verdict = judged(session, config(), pair_of());
  CHECK(verdict.status == PairStatus::timeout);
  CHECK_FALSE(verdict.correct.has_value());
  CHECK(verdict.reward == 0.0);
  CHECK_FALSE(verdict.kept);
}

TEST_CASE("errors, refusals and memory are told apart and by side", "[judge]") {
  const auto with = [](const quill::engine::Sample& before, const quill::engine::Sample& after) {
    ScriptedSession session;
    session.samples[kSlow] = {before};
    session.samples[kFast] = {after};
    return judged(session, config(), pair_of());
  };
  const auto good = ScriptedSession::ran(1);
  const auto blocked =
      ScriptedSession::ended(Status::blocked, "no such table: x", Cause::unknown_name);
  const auto error = ScriptedSession::ended(Status::error, "integer overflow");
  const auto memory = ScriptedSession::ended(Status::memory_limit, "");

  CHECK(with(blocked, good).status == PairStatus::before_failed);
  CHECK(with(blocked, good).reason == "before: blocked (unknown_name): no such table: x");
  CHECK_FALSE(with(blocked, good).reward.has_value());
  CHECK(with(error, good).status == PairStatus::before_failed);
  CHECK(with(good, blocked).status == PairStatus::blocked);
  CHECK(with(good, error).status == PairStatus::after_failed);
  CHECK(with(good, error).reason == "after: error: integer overflow");
  CHECK(with(good, error).reward == 0.0);
  CHECK(with(good, memory).status == PairStatus::after_failed);
}

TEST_CASE("a run that fails after a good first one withdraws the verdict", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.samples[kFast] = {ScriptedSession::ran(1), ScriptedSession::ended(Status::timeout, "")};
  const auto verdict = judged(session, config(), pair_of());
  CHECK(verdict.status == PairStatus::timeout);
  CHECK_FALSE(verdict.correct.has_value());
  CHECK_FALSE(verdict.kept);
}

TEST_CASE("rows that change from run to run make the verdict unknown", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.samples[kFast] = {ScriptedSession::ran(1, 1), ScriptedSession::ran(1, 2)};
  const auto verdict = judged(session, config(), pair_of());
  CHECK(verdict.verdict == "unknown");
  CHECK(verdict.reason == "after gives other rows each time it runs");
  CHECK_FALSE(verdict.kept);
}

TEST_CASE("an after without a statement fails; a before without one fails", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  auto pair = pair_of();
  pair.after = " ;\n";
  auto verdict = judged(session, config(), pair);
  CHECK(verdict.status == PairStatus::after_failed);
  CHECK(verdict.reason == "after holds no statement");
  pair.before = "";
  verdict = judged(session, config(), pair);
  CHECK(verdict.status == PairStatus::before_failed);
  CHECK(verdict.reason == "before holds no statement");
}

TEST_CASE("constants that read no table prove nothing", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.times(kFast, {0.01});
  session.samples[kFast].front().tables_read.clear();
  const auto verdict = judged(session, config(), pair_of());
  CHECK(verdict.verdict == "unknown");
  CHECK_FALSE(verdict.kept);
  CHECK(verdict.reason.find("reads no table") != std::string::npos);
}

TEST_CASE("a call that changes each time makes the verdict unknown", "[judge]") {
  ScriptedSession session;
  auto pair = pair_of();
  pair.after = "SELECT a FROM t WHERE random() < 5";
  session.times(kSlow, {20});
  session.times(pair.after, {1});
  const auto verdict = judged(session, config(), pair);
  CHECK(verdict.verdict == "unknown");
  CHECK(verdict.reason == "after calls random, which gives another answer each time");
}

TEST_CASE("under --measure steps one run a side decides, and no field holds a time", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20}); // 20,000 steps
  session.times(kFast, {4});  // 4,000 steps
  auto settings = config();
  settings.measure = "steps";
  settings.timeout_ms = 10'000;
  const auto verdict = judged(session, settings, pair_of({"CREATE INDEX i ON t(a)"}));
  CHECK(session.sampled.size() == 2);
  CHECK(session.sample_ms_min == std::vector<double>{0, 0});
  CHECK(session.last_limits.steps == 500'000'000); // 10,000 ms of 50,000 steps
  CHECK(session.last_limits.timeout_ms == 100'000);
  CHECK(verdict.before_steps == 20'000);
  CHECK(verdict.after_steps == 4'000);
  CHECK(verdict.speedup == 5);
  CHECK(verdict.noise == 0.0);
  CHECK(verdict.significant);
  CHECK(verdict.reward == 0.60);
  CHECK(verdict.kept);
  const auto json = to_json(verdict);
  for (const auto* key : {"before_ms", "after_ms", "index_build_ms", "copy_ms", "engine_ms"})
    CHECK(json[key].is_null());
  CHECK(json["measure"] == "steps");
}

TEST_CASE("a verdict as JSON has every field, unknown ones null", "[judge]") {
  ScriptedSession session;
  session.samples[kSlow] = {ScriptedSession::ended(Status::timeout, "")};
  session.times(kFast, {1});
  const auto json = to_json(judged(session, config(), pair_of()));
  CHECK(json["id"] == "p");
  CHECK(json["status"] == "timeout");
  CHECK(json["verdict"] == "unknown");
  CHECK(json["significant"] == false);
  CHECK(json["kept"] == false);
  for (const auto* key : {"correct", "speedup", "before_ms", "after_ms", "noise", "reward",
                          "readability", "timing", "clock", "proof", "scaled_down"})
    CHECK(json[key].is_null());
  CHECK(json["trust"] == "fast");
  CHECK(json["after_reads"] == quill::Json::array({"t"}));
}

TEST_CASE("the proposer's type is kept; without one it is found from the pair", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.times(kFast, {10});
  CHECK(Judge(session, config()).evaluate(pair_of(), "limit").type == "limit");
  auto pair = pair_of({"CREATE INDEX i ON t(a)"});
  pair.after = pair.before;
  CHECK(Judge(session, config()).evaluate(pair).type == "indexing");
}

TEST_CASE("a threshold above every reward is refused", "[judge]") {
  auto settings = config();
  settings.threshold = 1.5;
  try {
    settings.check();
    FAIL("it was accepted");
  } catch (const quill::Error& error) {
    CHECK(error.exit() == quill::Exit::usage);
    CHECK(error.text().what == "threshold 1.5 is above the largest reward, 1.15"); // 0.95 + 0.2
  }
}

TEST_CASE("settings of judging have a flag and a help line each", "[judge]") {
  JudgeConfig settings;
  quill::FieldList list("evaluate");
  settings.fields(list);
  for (const auto& field : list.all()) {
    CHECK_FALSE(field.flag.empty());
    CHECK_FALSE(field.help.empty());
    CHECK(field.key.rfind("judge.", 0) == 0);
  }
}

TEST_CASE("a schema that changed while the pair was judged withdraws the verdict", "[judge]") {
  ScriptedSession session;
  session.times(kSlow, {20});
  session.times(kFast, {10});
  session.programs = {"cookie 1", "cookie 2"};
  const auto verdict = judged(session, config(), pair_of({"CREATE INDEX i ON t(a)"}));
  CHECK(verdict.verdict == "unknown");
  CHECK(verdict.reason == "the database's schema changed while the pair was judged");
  CHECK_FALSE(verdict.correct.has_value());
  CHECK_FALSE(verdict.kept);
}
