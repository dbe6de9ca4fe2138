#include "catch.hpp"

#include <thread>

#include "llm/fake_client.hpp"
#include "quill/llm/wrappers.hpp"

using namespace quill;
using namespace quill::llm;
using namespace quill::llm::test;
using Kind = LlmFailure::Kind;

namespace {

const Cancel kNoCancel;

/// A thousandth of a dollar a token.
std::optional<double> milli_usd(const Usage& usage) {
  return 0.001 * static_cast<double>(*usage.prompt_tokens + *usage.completion_tokens);
}

/// How many of 20 requests were sent; each may take 18 + 82 = 100 tokens.
std::size_t sent(const Budget& budget, const Result<Reply, LlmFailure>& answer,
                 const Spent& spent = {}) {
  FakeClient inner([&](const Request&) { return answer; });
  const auto client = with_budget(inner, budget, spent, milli_usd);
  for (int i = 0; i < 20; ++i)
    (void)client->complete(request_of(82), kNoCancel);
  return inner.asked().size();
}

} // namespace

TEST_CASE("no request is sent that could pass the budget", "[llm]") {
  // each costs 0.04 in the end, and up to 0.1 before it is known
  CHECK(sent({.usd = 0.5}, reply_of(20, 20)) == 11); // after 10: 0.40 + 0.1 fits; after 11 not
  CHECK(sent({.tokens = 500}, reply_of(20, 20)) == 11);
  CHECK(sent({.calls = 7}, reply_of(20, 20)) == 7);
  CHECK(sent({}, reply_of(20, 20)) == 20);
}

TEST_CASE("what was spent before this start counts", "[llm]") {
  CHECK(sent({.calls = 7}, reply_of(20, 20), {.usd = 0, .tokens = 0, .calls = 5}) == 2);
  CHECK(sent({.usd = 0.5}, reply_of(20, 20), {.usd = 0.45, .tokens = 0, .calls = 0}) == 0);
}

TEST_CASE("an answer that tells no usage counts in full, a refusal counts nothing", "[llm]") {
  Reply silent = reply_of(0, 0);
  silent.usage = {};
  CHECK(sent({.tokens = 500}, silent) == 5);
  CHECK(sent({.tokens = 500}, failure_of(Kind::bad_reply)) == 5);
  CHECK(sent({.tokens = 500}, failure_of(Kind::rate_limited)) == 20);
  LlmFailure cut_off = failure_of(Kind::unavailable);
  cut_off.raw = "{\"choices\": [";
  CHECK(sent({.tokens = 500}, cut_off) == 5);
}

TEST_CASE("the refusal names budget, what was spent and what the next may take", "[llm]") {
  FakeClient inner([](const Request&) { return reply_of(20, 20); });
  const auto client = with_budget(inner, {.usd = 0.12, .calls = 9}, {}, milli_usd);
  CHECK(client->complete(request_of(82), kNoCancel).ok());
  const auto result = client->complete(request_of(82), kNoCancel);
  REQUIRE_FALSE(result.ok());
  CHECK(result.failure().kind == Kind::budget);
  CHECK(result.failure().what ==
        "the budget of 0.12 USD, 9 calls is reached: 0.040000 USD and 40 tokens were spent in 1 "
        "calls, and the next may take up to 0.100000 USD and 100 tokens");
}

TEST_CASE("many at once never pass the budget together", "[llm]") {
  FakeClient inner([](const Request&) { return reply_of(20, 20); });
  const auto client = with_budget(inner, {.tokens = 1000}, {}, milli_usd);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 10; ++k)
        (void)client->complete(request_of(82), kNoCancel);
    });
  for (auto& thread : threads)
    thread.join();
  // the last fits while 40·n + 100 <= 1000: n = 22, so 23 are sent, whoever comes first
  CHECK(inner.asked().size() == 23);
}
