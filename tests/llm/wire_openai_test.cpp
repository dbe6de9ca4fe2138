#include "catch.hpp"
#include "quill/core/log.hpp"
#include "quill/llm/client.hpp"

using namespace quill;
using namespace quill::llm;
using Kind = LlmFailure::Kind;

namespace {

const std::string kGood =
    R"({"id":"x","object":"chat.completion","choices":[{"index":0,"finish_reason":"stop",)"
    R"("message":{"role":"assistant","content":"SELECT 1"}}],"usage":{"prompt_tokens":12,)"
    R"("completion_tokens":3,"prompt_tokens_details":{"cached_tokens":8}}})";

Reply good(const std::string& body) {
  auto result = parse_reply(Api::openai, 200, body);
  REQUIRE(result.ok());
  return std::move(result).value();
}

/// The reason why a 200 with this body is no reply.
std::string bad(const std::string& body) {
  const auto result = parse_reply(Api::openai, 200, body);
  REQUIRE_FALSE(result.ok());
  CHECK(result.failure().kind == Kind::bad_reply);
  CHECK(result.failure().raw == body);
  const std::string head = "the reply is no chat completion: ";
  const std::string what = result.failure().what;
  return what.substr(0, head.size()) == head ? what.substr(head.size()) : what;
}

std::string with_message(const std::string& message) {
  return R"({"choices":[{"finish_reason":"stop","message":)" + message + "}]}";
}

std::string with_usage(const std::string& usage) {
  return R"({"choices":[{"message":{"content":"x"}}],"usage":)" + usage + "}";
}

Kind kind_of(long status, const std::string& body) {
  const auto result = parse_reply(Api::openai, status, body);
  REQUIRE_FALSE(result.ok());
  return result.failure().kind;
}

std::string error_body(const std::string& message, const std::string& code) {
  return R"({"error":{"message":")" + message + R"(","code":")" + code + R"("}})";
}

} // namespace

TEST_CASE("a chat completion gives text, finish reason, usage and its raw body", "[llm]") {
  const Reply reply = good(kGood);
  CHECK(reply.text == "SELECT 1");
  CHECK(reply.finish_reason == "stop");
  CHECK(reply.usage.prompt_tokens == 12);
  CHECK(reply.usage.completion_tokens == 3);
  CHECK(reply.usage.cached_tokens == 8);
  CHECK(reply.raw == kGood);
}

TEST_CASE("the empty lines a busy server sends before its reply do no harm", "[llm]") {
  CHECK(good("\n\n\r\n" + kGood + "\n").text == "SELECT 1");
}

TEST_CASE("the finish reason is what was sent, and empty when nothing was", "[llm]") {
  CHECK(
      good(R"({"choices":[{"finish_reason":"length","message":{"content":"x"}}]})").finish_reason ==
      "length");
  CHECK(good(R"({"choices":[{"finish_reason":null,"message":{"content":"x"}}]})")
            .finish_reason.empty());
  CHECK(good(R"({"choices":[{"message":{"content":"x"}}]})").finish_reason.empty());
}

TEST_CASE("of a thousand choices the first is the answer", "[llm]") {
  std::string body = R"({"choices":[{"message":{"content":"first"}})";
  for (int i = 1; i < 1000; ++i)
    body += R"(,{"message":{"content":"other"}})";
  CHECK(good(body + "]}").text == "first");
}

TEST_CASE("a usage that makes no sense is unknown, and the answer is kept", "[llm]") {
  for (const char* usage :
       {"null", "[]", "\"12\"", "{}", R"({"prompt_tokens":-1,"completion_tokens":1.5})",
        R"({"prompt_tokens":18446744073709551615,"completion_tokens":"3"})",
        R"({"prompt_tokens":1000000001,"completion_tokens":1e300})"}) {
    const Reply reply = good(with_usage(usage));
    CHECK_FALSE(reply.usage.prompt_tokens);
    CHECK_FALSE(reply.usage.completion_tokens);
    CHECK_FALSE(reply.usage.cached_tokens);
  }
  CHECK(
      good(with_usage(R"({"prompt_tokens":5,"prompt_cache_hit_tokens":4})")).usage.cached_tokens ==
      4);
}

TEST_CASE("a 200 without a chat completion is a bad reply that says why", "[llm]") {
  CHECK(bad("{}") == "key \"choices\" is missing (reply)");
  CHECK(bad("null") == "expected an object, found null (reply)");
  CHECK(bad("[]") == "expected an object, found a list (reply)");
  CHECK(bad(R"({"choices":{}})") == "\"choices\" is not a list with an entry (reply)");
  CHECK(bad(R"({"choices":[]})") == "\"choices\" is not a list with an entry (reply)");
  CHECK(bad(R"({"choices":[1]})") == "expected an object, found 1 (reply.choices[0])");
  CHECK(bad(R"({"choices":[{}]})") == "key \"message\" is missing (reply.choices[0])");
  CHECK(bad(with_message("\"x\"")) == "expected an object, found \"x\" (reply.choices[0].message)");
  CHECK(bad(with_message("{}")) == "key \"content\" is missing (reply.choices[0].message)");
  CHECK(bad(with_message(R"({"content":null})")) ==
        "\"content\" is null: the model wrote no text (reply.choices[0].message)");
  CHECK(bad(with_message(R"({"content":null,"refusal":"I will not"})")) ==
        "the model refused: I will not (reply.choices[0].message)");
  CHECK(bad(with_message(R"({"content":null,"tool_calls":[{"id":"a"}]})")) ==
        "\"content\" is null: the model wrote no text (reply.choices[0].message)");
  CHECK(bad(with_message(R"({"content":7})")) ==
        "\"content\" is 7, not a text (reply.choices[0].message)");
  CHECK(bad(with_message(R"({"content":["a"]})")) ==
        "\"content\" is a list, not a text (reply.choices[0].message)");
  CHECK(bad(R"({"choices":[{"finish_reason":7,"message":{"content":"x"}}]})") ==
        "\"finish_reason\" is 7, not a text (reply.choices[0])");
  CHECK(bad(R"({"choices":[{"finish_reason":"error","message":{"content":"x"}}]})") ==
        "the model stopped with an error (reply.choices[0])");
}

TEST_CASE("what is no JSON, or JSON made to hurt, is a bad reply", "[llm]") {
  const auto starts = [](const std::string& body, const std::string& reason) {
    CHECK_THAT(bad(body), Catch::StartsWith("not valid JSON: " + reason));
  };
  starts("", "syntax error");
  starts("<html><body>502 Bad Gateway</body></html>", "syntax error");
  starts(kGood.substr(0, kGood.size() / 2), "syntax error");
  starts(kGood + kGood, "syntax error");
  starts(std::string("\0\0\0", 3), "syntax error");
  starts(std::string(100'000, '['), "nested deeper than 64 levels");
  starts(R"({"choices":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}",
         "nested deeper than 64 levels");
  starts(R"({"choices":[],"choices":[]})", "key \"choices\" appears twice");
  starts(R"({"n":1e999})", "number overflow");
  CHECK_THAT(bad(with_message("{\"content\":\"\xff\xfe\"}")), Catch::Contains("ill-formed UTF-8"));
  CHECK_THAT(bad(with_message(R"({"content":"\ud800"})")), Catch::Contains("surrogate"));
}

TEST_CASE("a reply cut at any byte is a bad reply, never a crash or half an answer", "[llm]") {
  for (std::size_t end = 0; end < kGood.size(); ++end)
    REQUIRE_FALSE(parse_reply(Api::openai, 200, kGood.substr(0, end)).ok());
}

TEST_CASE("NUL characters inside the text are text", "[llm]") {
  CHECK(good(with_message(R"({"content":"a\u0000b"})")).text == std::string("a\0b", 3));
}

TEST_CASE("an error inside a 200 is no reply; its code says whether to ask again", "[llm]") {
  CHECK(bad(R"({"error":{"message":"no luck"},"choices":[]})") ==
        "the reply holds an error: no luck");
  CHECK(bad(R"({"error":"no luck"})") == "the reply holds an error: no luck");
  CHECK(bad(R"({"error":{"message":"bad request","code":400}})") ==
        "the reply holds an error: bad request");
  CHECK(kind_of(200, R"({"error":{"message":"m","code":502}})") == Kind::unavailable);
  CHECK(kind_of(200, R"({"error":{"message":"m","code":429}})") == Kind::rate_limited);
  CHECK(kind_of(200, R"({"error":{"message":"m","code":99999999999999999999}})") ==
        Kind::bad_reply);
  CHECK(parse_reply(Api::openai, 200, R"({"error":null,"choices":[{"message":{"content":"x"}}]})")
            .ok());
}

TEST_CASE("each status has its kind", "[llm]") {
  for (const long status : {400, 401, 403, 404, 405, 413, 422, 301, 307})
    CHECK(kind_of(status, "{}") == Kind::refused);
  for (const long status : {408, 409, 500, 502, 503, 504, 529})
    CHECK(kind_of(status, "{}") == Kind::unavailable);
  CHECK(kind_of(402, "{}") == Kind::quota);
  CHECK(kind_of(429, "{}") == Kind::rate_limited);
  CHECK(kind_of(204, "") == Kind::bad_reply);
  CHECK(kind_of(100, "") == Kind::bad_reply);
}

TEST_CASE("a 429 about money is a quota, one about speed is a rate limit", "[llm]") {
  CHECK(kind_of(429, error_body("Rate limit reached for gpt-4o-mini", "rate_limit_exceeded")) ==
        Kind::rate_limited);
  CHECK(kind_of(429, error_body("x", "insufficient_quota")) == Kind::quota);
  CHECK(kind_of(429, error_body("x", "credit_balance_exhausted")) == Kind::quota);
  CHECK(kind_of(429, error_body("x", "enforced_spend_limit_reached")) == Kind::quota);
  CHECK(kind_of(429, error_body("You exceeded your current quota, please check", "")) ==
        Kind::quota);
  CHECK(kind_of(429, R"({"error":{"message":"x","type":"insufficient_quota","code":null}})") ==
        Kind::quota);
  CHECK(kind_of(429, "<html>slow down</html>") == Kind::rate_limited);
}

TEST_CASE("a prompt that is too long costs its candidate, not the run", "[llm]") {
  CHECK(kind_of(400, error_body("x", "context_length_exceeded")) == Kind::bad_reply);
  CHECK(kind_of(400, error_body("This model's maximum context length is 8192", "")) ==
        Kind::bad_reply);
  CHECK(kind_of(400, error_body("x", "content_filter")) == Kind::bad_reply);
  CHECK(kind_of(400, error_body("Model Not Exist", "invalid_request_error")) == Kind::refused);
}

TEST_CASE("the server's own words are told, in whichever form they come", "[llm]") {
  const auto what = [](const std::string& body) {
    return parse_reply(Api::openai, 401, body).failure().what;
  };
  CHECK(what(error_body("Incorrect API key", "invalid_api_key")) == "HTTP 401: Incorrect API key");
  CHECK(what(R"({"error":"unauthorized"})") == "HTTP 401: unauthorized");
  CHECK(what(R"({"message":"nope"})") == "HTTP 401: nope");
  CHECK(what(R"({"detail":"Not authenticated"})") == "HTTP 401: Not authenticated");
  CHECK(what("<html>401</html>") == "HTTP 401: <html>401</html>");
  CHECK(what("") == "HTTP 401: no reason");
  CHECK(what(R"({"error":[1,2]})") == R"(HTTP 401: {"error":[1,2]})");
  // 10 bytes of head; 300 are kept in all, the last é whole.
  CHECK(what(std::string(289, 'x') + std::string(100, 'y')) ==
        "HTTP 401: " + std::string(289, 'x') + "y…");
  CHECK(what(std::string(289, 'x') + "éé") == "HTTP 401: " + std::string(289, 'x') + "…");
}

TEST_CASE("a server that echoes the key does not get it into our files", "[llm]") {
  const std::string key = "sk-echoed-canary-1";
  redact_in_logs(key);
  const auto refused = parse_reply(Api::openai, 401, error_body("Incorrect API key: " + key, ""));
  CHECK(refused.failure().what == "HTTP 401: Incorrect API key: ***");
  CHECK(refused.failure().raw.find(key) == std::string::npos);
  const Reply reply = good(with_message(R"({"content":"your key is )" + key + "\"}"));
  CHECK(reply.raw.find(key) == std::string::npos);
}

namespace {

std::string chunk(const std::string& choice) {
  return R"(data: {"object":"chat.completion.chunk","choices":[)" + choice + "]}\n\n";
}

std::string word(const std::string& content) {
  return chunk(R"({"index":0,"delta":{"content":")" + content + R"("},"finish_reason":null})");
}

const std::string kEnd = chunk(R"({"index":0,"delta":{},"finish_reason":"stop"})");

/// About 2 kB: comments, a role, words, the end, usage and [DONE].
std::string long_stream() {
  std::string body = ": keep-alive\n\n" + chunk(R"({"index":0,"delta":{"role":"assistant"}})");
  for (int i = 0; i < 20; ++i)
    body += word("w" + std::to_string(i) + " ");
  return body + kEnd +
         "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":20}}\n\n"
         "data: [DONE]\n\n";
}

} // namespace

TEST_CASE("a stream adds up to the reply it would have been", "[llm]") {
  const Reply reply = good(long_stream());
  CHECK_THAT(reply.text, Catch::StartsWith("w0 w1 w2 ") && Catch::EndsWith("w18 w19 "));
  CHECK(reply.finish_reason == "stop");
  CHECK(reply.usage.prompt_tokens == 12);
  CHECK(reply.usage.completion_tokens == 20);
  CHECK(reply.raw == long_stream());
}

TEST_CASE("[DONE] may be missing once the stream said why it ended", "[llm]") {
  CHECK(good(word("SELECT 1") + kEnd).text == "SELECT 1");
}

TEST_CASE("a stream cut at any byte before its end is no answer", "[llm]") {
  const std::string whole = long_stream();
  const std::size_t end = whole.find(kEnd) + kEnd.size();
  REQUIRE(whole.size() > 2000);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto result = parse_reply(Api::openai, 200, whole.substr(0, size));
    // Cut inside the last newline of the end event it is not whole either.
    REQUIRE(result.ok() == (size >= end));
    if (!result.ok())
      REQUIRE(result.failure().kind == Kind::bad_reply);
  }
}

TEST_CASE("an error inside a stream is no answer", "[llm]") {
  const auto streamed = [](const std::string& error) {
    return kind_of(200, word("half") + "data: " + error + "\n\n");
  };
  CHECK(streamed(R"({"error":{"message":"m","code":502}})") == Kind::unavailable);
  CHECK(streamed(R"({"error":{"message":"m","type":"server_error"}})") == Kind::unavailable);
  CHECK(streamed(R"({"error":{"message":"m"}})") == Kind::bad_reply);
  CHECK(bad(word("half") + chunk(R"({"delta":{"content":""},"finish_reason":"error"})")) ==
        "the model stopped with an error (event 2.choices)");
  CHECK_THAT(bad(word("half") + "data: {\n\n" + kEnd), Catch::StartsWith("not valid JSON"));
}

TEST_CASE("a refusal, and a stream without a word, are no answers", "[llm]") {
  CHECK(bad(chunk(R"({"delta":{"refusal":"I will not"}})") + kEnd) ==
        "the model refused: I will not (stream)");
  CHECK(bad(chunk(R"({"delta":{"content":null}})") + kEnd) ==
        "\"content\" is null: the model wrote no text (stream)");
  CHECK(good(word("mine") + chunk(R"({"index":1,"delta":{"content":"another's"}})") + kEnd).text ==
        "mine");
}
