#include <cmath>
#include <deque>

#include "catch.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"
#include "quill/llm/wrappers.hpp"

using namespace quill;
using namespace quill::llm;
using Kind = LlmFailure::Kind;

namespace {

LlmFailure failing(Kind kind, std::optional<double> retry_after_ms = std::nullopt) {
  return {kind, "why", retry_after_ms, ""};
}

/// Fails as scripted, then answers; notes when it was asked and with which key.
class ScriptedClient final : public Client {
 public:
  ScriptedClient(const ManualClock& clock, std::deque<LlmFailure> failures)
      : clock_(clock), failures_(std::move(failures)) {}
  Result<Reply, LlmFailure> complete(const Request& request, const Cancel&) override {
    asked_ms.push_back(clock_.now_ms());
    keys.push_back(request.key());
    if (failures_.empty())
      return Reply{"done", "stop", {}, ""};
    const LlmFailure failure = failures_.front();
    failures_.pop_front();
    return failure;
  }
  std::vector<double> asked_ms;
  std::vector<std::string> keys;

 private:
  const ManualClock& clock_;
  std::deque<LlmFailure> failures_;
};

struct Outcome {
  bool ok = false;
  Kind kind = Kind::refused;
  std::vector<double> asked_ms;
  std::vector<std::string> keys;
};

Outcome outcome_of(std::deque<LlmFailure> failures, int attempts_max = 7, std::uint64_t seed = 1) {
  set_log_level(LogLevel::warn);
  ManualClock clock;
  ScriptedClient inner(clock, std::move(failures));
  const auto client = with_retry(inner, clock, attempts_max, seed);
  const auto result = client->complete(Request{}, Cancel{});
  set_log_level(LogLevel::info);
  return {result.ok(), result.ok() ? Kind::refused : result.failure().kind, inner.asked_ms,
          inner.keys};
}

} // namespace

TEST_CASE("an answer is passed on without waiting", "[llm]") {
  const Outcome outcome = outcome_of({});
  CHECK(outcome.ok);
  CHECK(outcome.asked_ms == std::vector<double>{0});
}

TEST_CASE("what passes is asked again, under the same key", "[llm]") {
  const Outcome outcome = outcome_of({failing(Kind::unavailable), failing(Kind::rate_limited)});
  CHECK(outcome.ok);
  REQUIRE(outcome.keys.size() == 3);
  CHECK(outcome.keys[0] == outcome.keys[1]);
  CHECK(outcome.keys[0] == outcome.keys[2]);
}

TEST_CASE("what does not pass is asked once", "[llm]") {
  for (const Kind kind : {Kind::refused, Kind::quota, Kind::bad_reply, Kind::cancelled}) {
    const Outcome outcome = outcome_of({failing(kind)});
    CHECK(outcome.kind == kind);
    CHECK(outcome.asked_ms.size() == 1);
  }
}

TEST_CASE("the wait doubles from one second to thirty, up to a quarter longer", "[llm]") {
  const Outcome outcome = outcome_of(std::deque<LlmFailure>(9, failing(Kind::unavailable)), 9);
  CHECK_FALSE(outcome.ok);
  REQUIRE(outcome.asked_ms.size() == 9);
  const std::vector<double> least = {1, 2, 4, 8, 16, 30, 30, 30};
  for (std::size_t i = 0; i < least.size(); ++i) {
    const double waited_s = (outcome.asked_ms[i + 1] - outcome.asked_ms[i]) / 1000;
    CHECK(waited_s >= least[i]);
    CHECK(waited_s < least[i] * 1.25);
  }
}

TEST_CASE("seven attempts span at least a minute", "[llm]") {
  const Outcome outcome = outcome_of(std::deque<LlmFailure>(7, failing(Kind::unavailable)));
  REQUIRE(outcome.asked_ms.size() == 7);
  CHECK(outcome.asked_ms.back() >= 61'000); // 1 + 2 + 4 + 8 + 16 + 30
}

TEST_CASE("never before the time the server asked for, nor much after", "[llm]") {
  for (const double asked : {0.0, 3000.0, 120'000.0}) {
    const Outcome outcome = outcome_of({failing(Kind::rate_limited, asked)});
    CHECK(outcome.ok);
    REQUIRE(outcome.asked_ms.size() == 2);
    CHECK(outcome.asked_ms[1] >= asked);
    CHECK(outcome.asked_ms[1] <= asked * 1.25);
  }
}

TEST_CASE("a server that says later than two minutes is not asked again", "[llm]") {
  for (const double asked : {120'001.0, 315'360'000'000.0, HUGE_VAL}) {
    const Outcome outcome = outcome_of({failing(Kind::rate_limited, asked)});
    CHECK(outcome.kind == Kind::rate_limited);
    CHECK(outcome.asked_ms.size() == 1);
  }
}

TEST_CASE("the jitter repeats with its seed and differs between seeds", "[llm]") {
  const std::deque<LlmFailure> failures(3, failing(Kind::unavailable));
  CHECK(outcome_of(failures, 7, 5).asked_ms == outcome_of(failures, 7, 5).asked_ms);
  CHECK(outcome_of(failures, 7, 5).asked_ms != outcome_of(failures, 7, 6).asked_ms);
}

TEST_CASE("a cancellation during the wait ends it without another request", "[llm]") {
  class CancellingClock final : public Clock {
   public:
    explicit CancellingClock(Cancel& cancel) : cancel_(cancel) {}
    [[nodiscard]] double now_ms() const override { return 0; }
    [[nodiscard]] std::string utc() const override { return ""; }
    void sleep_ms(double, const Cancel&) override { cancel_.request(); }

   private:
    Cancel& cancel_;
  };
  set_log_level(LogLevel::warn);
  Cancel cancel;
  CancellingClock clock(cancel);
  const ManualClock still;
  ScriptedClient inner(still, {failing(Kind::unavailable)});
  const auto result = with_retry(inner, clock, 5, 1)->complete(Request{}, cancel);
  set_log_level(LogLevel::info);
  CHECK(result.failure().kind == Kind::cancelled);
  CHECK(inner.asked_ms.size() == 1);
}

TEST_CASE("a client that may not ask at all is a bug", "[llm]") {
  ManualClock clock;
  ScriptedClient inner(clock, {});
  CHECK_THROWS_AS(with_retry(inner, clock, 0, 1), Bug);
}
