#include <algorithm>
#include <thread>

#include "catch.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/http.hpp"
#include "quill/core/log.hpp"
#include "quill/llm/wrappers.hpp"
#include "support/fake_http_server.hpp"

using namespace quill;
using namespace quill::llm;
using namespace quill::tests;
using Kind = LlmFailure::Kind;

namespace {

const Cancel kNoCancel;

const std::string kGood =
    R"({"choices":[{"finish_reason":"stop","message":{"content":"SELECT 1"}}]})";

Request question() {
  Request request;
  request.model = "m-1";
  request.messages = {{"user", "faster, \"please\""}};
  request.sample_index = 3;
  return request;
}

Result<Reply, LlmFailure> asked(const std::string& base_url, const std::string& key = "") {
  const auto http = make_http_client();
  return make_client({.base_url = base_url, .api_key = key, .timeout_ms = 60'000}, *http)
      ->complete(question(), kNoCancel);
}

LlmFailure failure_of(const std::string& bytes) {
  const FakeHttpServer server(bytes);
  const auto result = asked(server.url("/v1"));
  REQUIRE_FALSE(result.ok());
  return result.failure();
}

/// Keeps what it was asked for and answers from a script; no network.
class CapturingHttp final : public HttpClient {
 public:
  Result<HttpReply, HttpFailure> send(const HttpRequest& request, const Cancel&) override {
    seen = request;
    return answer;
  }
  HttpRequest seen;
  Result<HttpReply, HttpFailure> answer = HttpReply{200, kGood, {}};
};

} // namespace

TEST_CASE("a question becomes one chat completion request and its answer a reply", "[llm]") {
  const FakeHttpServer server(http_reply(200, kGood));
  const auto result = asked(server.url("/v1/"), "sk-test-key-1");
  REQUIRE(result.ok());
  CHECK(result.value().text == "SELECT 1");
  CHECK(result.value().raw == kGood);
  REQUIRE(server.requests().size() == 1);
  const FakeRequest seen = server.requests().front();
  CHECK(seen.path == "/v1/chat/completions");
  CHECK(seen.has_header("Authorization: Bearer sk-test-key-1"));
  CHECK(seen.has_header("Content-Type: application/json"));
  CHECK(seen.body == R"({"model":"m-1","messages":[{"role":"user",)"
                     R"("content":"faster, \"please\""}],"temperature":0.7,"max_tokens":2048})");
}

TEST_CASE("without a key there is no Authorization header", "[llm]") {
  const FakeHttpServer server(http_reply(200, kGood));
  CHECK(asked(server.url()).ok());
  CHECK(server.requests().front().head.find("Authorization") == std::string::npos);
}

TEST_CASE("OpenAI itself gets its own name for the token limit", "[llm]") {
  CapturingHttp http;
  const auto client =
      make_client({.base_url = "https://api.openai.com/v1", .timeout_ms = 1000}, http);
  CHECK(client->complete(question(), kNoCancel).ok());
  CHECK(http.seen.url == "https://api.openai.com/v1/chat/completions");
  CHECK_THAT(http.seen.body, Catch::EndsWith(R"("max_completion_tokens":2048})"));
  CHECK(http.seen.timeout_ms == 1000);
  CHECK_FALSE(http.seen.plain_http_allowed);
}

TEST_CASE("each shape of HTTP asks in its own words", "[llm]") {
  CapturingHttp http;
  Request request = question();
  request.messages.insert(request.messages.begin(), {"system", "be brief"});
  request.temperature = 1.5;
  const auto seen = [&](Endpoint endpoint) {
    endpoint.api_key = "sk-shape-canary";
    static_cast<void>(make_client(std::move(endpoint), http)->complete(request, kNoCancel));
    return http.seen;
  };
  const auto has = [&](const char* name, const char* value) {
    const std::pair<std::string, std::string> header(name, value);
    return std::find(http.seen.headers.begin(), http.seen.headers.end(), header) !=
           http.seen.headers.end();
  };

  const auto streamed = seen({.base_url = "https://x.test/v1",
                              .stream = true,
                              .extra = Json{{"thinking", {{"type", "disabled"}}}}});
  CHECK(streamed.body ==
        R"({"model":"m-1","messages":[{"role":"system","content":"be brief"},)"
        R"({"role":"user","content":"faster, \"please\""}],"temperature":1.5,"max_tokens":2048,)"
        R"("stream":true,"stream_options":{"include_usage":true},"thinking":{"type":"disabled"}})");
  CHECK(has("Accept", "text/event-stream"));

  // Anthropic refuses temperatures above 1 and takes system messages apart.
  const auto anthropic = seen({.api = Api::anthropic, .base_url = "https://x.test/v1/"});
  CHECK(anthropic.url == "https://x.test/v1/messages");
  CHECK(anthropic.body ==
        R"({"model":"m-1","max_tokens":2048,"temperature":1.0,"system":"be brief",)"
        R"("messages":[{"role":"user","content":"faster, \"please\""}]})");
  CHECK(has("x-api-key", "sk-shape-canary"));
  CHECK(has("anthropic-version", "2023-06-01"));
  CHECK_FALSE(has("Authorization", "Bearer sk-shape-canary"));

  // The /v1 belongs to Ollama's other door, which cannot set the context.
  const auto ollama =
      seen({.api = Api::ollama, .base_url = "http://127.0.0.1:11434/v1", .context_tokens = 4096});
  CHECK(ollama.url == "http://127.0.0.1:11434/api/chat");
  CHECK(ollama.body == R"({"model":"m-1","messages":[{"role":"system","content":"be brief"},)"
                       R"({"role":"user","content":"faster, \"please\""}],"stream":false,)"
                       R"("options":{"temperature":1.5,"num_predict":2048,"num_ctx":4096}})");
}

TEST_CASE("what arrived of a reply that was cut is kept with its failure", "[llm]") {
  const std::string whole = http_reply(200, kGood);
  const LlmFailure cut = failure_of(whole.substr(0, whole.size() - 5));
  CHECK(cut.kind == Kind::unavailable);
  CHECK(cut.raw == kGood.substr(0, kGood.size() - 5));
}

TEST_CASE("a status becomes its kind, with the wait the server asked for", "[llm]") {
  const LlmFailure limited = failure_of(http_reply(429, "{}", "Retry-After: 7\r\n"));
  CHECK(limited.kind == Kind::rate_limited);
  CHECK(limited.retry_after_ms == 7000);
  CHECK(failure_of(http_reply(500, "")).kind == Kind::unavailable);
  CHECK_FALSE(failure_of(http_reply(500, "")).retry_after_ms);
  CHECK(failure_of(http_reply(401, "")).kind == Kind::refused);
  CHECK(failure_of(http_reply(307, "", "Location: http://127.0.0.1:1/\r\n")).kind == Kind::refused);
  CHECK(failure_of(http_reply(200, "<html>")).kind == Kind::bad_reply);
}

TEST_CASE("a reply cut on the wire is never an answer", "[llm]") {
  const std::string whole = http_reply(200, kGood);
  for (std::size_t i = 1; i <= 20; ++i)
    CHECK(failure_of(whole.substr(0, whole.size() * i / 21)).kind == Kind::unavailable);
}

TEST_CASE("each way of getting no reply has its kind", "[llm]") {
  CapturingHttp http;
  const auto client = make_client({.base_url = "https://x.test/v1"}, http);
  const auto kind_after = [&](HttpFailure::Kind kind) {
    http.answer = HttpFailure{kind, "why"};
    const auto result = client->complete(question(), kNoCancel);
    CHECK(result.failure().what == "why");
    return result.failure().kind;
  };
  CHECK(kind_after(HttpFailure::Kind::connect) == Kind::unavailable);
  CHECK(kind_after(HttpFailure::Kind::timeout) == Kind::unavailable);
  CHECK(kind_after(HttpFailure::Kind::reset) == Kind::unavailable);
  CHECK(kind_after(HttpFailure::Kind::too_large) == Kind::bad_reply);
  CHECK(kind_after(HttpFailure::Kind::tls) == Kind::refused);
  CHECK(kind_after(HttpFailure::Kind::refused_url) == Kind::refused);
  CHECK(kind_after(HttpFailure::Kind::cancelled) == Kind::cancelled);
}

TEST_CASE("a key never goes over plain http to another machine", "[llm]") {
  const auto result = asked("http://example.org/v1", "sk-plain-canary");
  CHECK(result.failure().kind == Kind::refused);
  CHECK_THAT(result.failure().what, Catch::Contains("is plain http to another machine"));
}

TEST_CASE("a question in flight can be cancelled", "[llm]") {
  FakeHttpServer server(
      [](const FakeRequest&, const FakeConnection& out) { out.wait_for_release(); });
  const auto http = make_http_client();
  const auto client = make_client({.base_url = server.url(), .finish_ms = 0}, *http);
  Cancel cancel;
  Result<Reply, LlmFailure> result = LlmFailure{};
  std::thread asker([&] { result = client->complete(question(), cancel); });
  server.wait_for_requests(1);
  cancel.request();
  asker.join();
  CHECK(result.failure().kind == Kind::cancelled);
}

TEST_CASE("retries on the wire: two faults, then an answer", "[llm]") {
  int served = 0; // one connection at a time
  FakeHttpServer server([&](const FakeRequest&, const FakeConnection& out) {
    ++served;
    if (served == 1)
      out.send(http_reply(503, "", "Retry-After: 2\r\n"));
    else if (served == 2)
      out.reset();
    else
      out.send(http_reply(200, kGood));
  });
  const auto http = make_http_client();
  const auto client = make_client({.base_url = server.url()}, *http);
  ManualClock clock;
  set_log_level(LogLevel::warn);
  const auto result = with_retry(*client, clock, 5, 1)->complete(question(), kNoCancel);
  set_log_level(LogLevel::info);
  CHECK(result.ok());
  REQUIRE(server.requests().size() == 3);
  CHECK(server.requests()[0].body == server.requests()[2].body);
  CHECK(clock.now_ms() >= 4000); // 2 s as asked, then 2 s as the second step of the backoff
}

TEST_CASE("the key is in no failure, whatever the server does with it", "[llm]") {
  const std::string key = "sk-canary+slash/quote\"x";
  const std::vector<std::string> echoes = {key, "sk-canary%2Bslash%2Fquote%22x",
                                           "sk-canary+slash/quote\\\"x",
                                           "c2stY2FuYXJ5K3NsYXNoL3F1b3RlInggIA=="};
  for (const auto& echo : echoes) {
    for (const int status : {200, 401, 429, 500}) {
      const FakeHttpServer server(http_reply(status, "you sent " + echo));
      const auto result = asked(server.url(), key);
      REQUIRE_FALSE(result.ok());
      for (const std::string& text : {result.failure().what, result.failure().raw}) {
        CHECK(text.find("canary") == std::string::npos);
        CHECK(text.find("c2stY2FuYXJ5") == std::string::npos);
      }
      CHECK_THAT(result.failure().raw, Catch::StartsWith("you sent ***"));
    }
  }
}

TEST_CASE("each provider is told about JSON in its own words, or not at all", "[llm]") {
  CapturingHttp http;
  Request request = question();
  request.schema = Json{{"type", "object"}};
  const auto body = [&](Api api, JsonAnswers answers) {
    static_cast<void>(
        make_client({.api = api, .base_url = "http://127.0.0.1/v1", .json = answers}, http)
            ->complete(request, kNoCancel));
    return parse_json(http.seen.body, "body");
  };
  using enum JsonAnswers;
  CHECK(dump_json(body(Api::openai, schema)["response_format"]) ==
        R"({"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":)"
        R"({"type":"object"}}})");
  CHECK(dump_json(body(Api::openai, object)["response_format"]) == R"({"type":"json_object"})");
  CHECK_FALSE(body(Api::openai, none).contains("response_format"));
  CHECK(dump_json(body(Api::anthropic, schema)["output_config"]) ==
        R"({"format":{"type":"json_schema","schema":{"type":"object"}}})");
  CHECK_FALSE(body(Api::anthropic, object).contains("output_config"));
  CHECK(dump_json(body(Api::ollama, schema)["format"]) == R"({"type":"object"})");
  request.schema = nullptr;
  CHECK_FALSE(body(Api::openai, schema).contains("response_format"));
}

TEST_CASE("what a server says of asking again stands above its status", "[llm]") {
  CapturingHttp http;
  const auto kind = [&](long status, std::vector<std::pair<std::string, std::string>> headers) {
    http.answer = HttpReply{status, "{}", std::move(headers)};
    const auto result =
        make_client({.base_url = "http://127.0.0.1"}, http)->complete(question(), kNoCancel);
    return result.failure().kind;
  };
  CHECK(kind(503, {}) == Kind::unavailable);
  CHECK(kind(503, {{"x-should-retry", "false"}}) == Kind::refused);
  CHECK(kind(400, {{"x-should-retry", "true"}}) == Kind::unavailable);
  CHECK(kind(402, {}) == Kind::quota);
  CHECK(kind(402, {{"retry-after", "3"}}) == Kind::rate_limited);
}
