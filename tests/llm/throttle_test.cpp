#include "catch.hpp"

#include "llm/fake_client.hpp"
#include "quill/core/clock.hpp"
#include "quill/llm/wrappers.hpp"

using namespace quill;
using namespace quill::llm;
using namespace quill::llm::test;
using Kind = LlmFailure::Kind;

namespace {

/// When each request reached the server, in ms.
struct Scene {
  ManualClock clock;
  Cancel cancel;
  std::vector<double> asked_ms;
  std::vector<Result<Reply, LlmFailure>> answers; ///< then reply_of(1, 1)
  FakeClient inner{[this](const Request&) -> Result<Reply, LlmFailure> {
    asked_ms.push_back(clock.now_ms());
    const std::size_t turn = asked_ms.size() - 1;
    return turn < answers.size() ? answers[turn] : reply_of(1, 1);
  }};

  void ask(const Pace& pace, int times) {
    const auto client = with_throttle(inner, clock, pace);
    for (int i = 0; i < times; ++i)
      (void)client->complete(request_of(100), cancel);
  }
};

} // namespace

TEST_CASE("without limits requests start at once", "[llm]") {
  Scene scene;
  scene.ask({}, 3);
  CHECK(scene.asked_ms == std::vector<double>{0, 0, 0});
}

TEST_CASE("requests a minute are evenly spaced", "[llm]") {
  Scene scene;
  scene.ask({.requests_per_minute = 60}, 3);
  CHECK(scene.asked_ms == std::vector<double>{0, 1000, 2000}); // 60 000 ms / 60
}

TEST_CASE("tokens a minute count what was really used, once it is known", "[llm]") {
  Scene scene;
  // 118 put aside (18 of the prompt, 100 to write); 20 were used: 20 · 60 000 / 6000 = 200 ms
  scene.answers = {reply_of(15, 5), reply_of(100, 18)};
  scene.ask({.tokens_per_minute = 6000}, 3);
  CHECK(scene.asked_ms[1] == Approx(200));
  CHECK(scene.asked_ms[2] == Approx(200 + 1180)); // 118 tokens
}

TEST_CASE("after a 429 nobody asks before the time the server named", "[llm]") {
  Scene scene;
  scene.answers = {failure_of(Kind::rate_limited, 7000)};
  scene.ask({}, 3);
  CHECK(scene.asked_ms == std::vector<double>{0, 7000, 7000});
}

TEST_CASE("a 429 without a time cools down longer each time, and an answer ends that", "[llm]") {
  Scene scene;
  scene.answers = {failure_of(Kind::rate_limited), failure_of(Kind::rate_limited),
                   failure_of(Kind::rate_limited), reply_of(1, 1), failure_of(Kind::rate_limited)};
  scene.ask({}, 6);
  // 1 s, 2 s, 4 s; answered; 1 s again
  CHECK(scene.asked_ms == std::vector<double>{0, 1000, 3000, 7000, 7000, 8000});
}

TEST_CASE("a server that says in ten years is not waited for", "[llm]") {
  Scene scene;
  scene.answers = {failure_of(Kind::rate_limited, 3e11)};
  scene.ask({}, 2);
  CHECK(scene.asked_ms == std::vector<double>{0, 0}); // with_retry reports it
}

TEST_CASE("a stop ends the wait for a turn", "[llm]") {
  Scene scene;
  scene.cancel.request();
  const auto client = with_throttle(scene.inner, scene.clock, {});
  const auto result = client->complete(request_of(1), scene.cancel);
  REQUIRE_FALSE(result.ok());
  CHECK(result.failure().kind == Kind::cancelled);
  CHECK(scene.asked_ms.empty());
}
