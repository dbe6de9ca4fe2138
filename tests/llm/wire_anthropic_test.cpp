#include "catch.hpp"
#include "quill/llm/client.hpp"

using namespace quill;
using namespace quill::llm;
using Kind = LlmFailure::Kind;

namespace {

const std::string kGood =
    R"({"id":"msg_1","type":"message","role":"assistant","content":[{"type":"thinking",)"
    R"("thinking":"hm"},{"type":"text","text":"SELECT "},{"type":"text","text":"1"}],)"
    R"("stop_reason":"end_turn","usage":{"input_tokens":10,"cache_read_input_tokens":30,)"
    R"("cache_creation_input_tokens":2,"output_tokens":5}})";

Reply good(const std::string& body) {
  auto result = parse_reply(Api::anthropic, 200, body);
  REQUIRE(result.ok());
  return std::move(result).value();
}

LlmFailure failure_of(long status, const std::string& body) {
  const auto result = parse_reply(Api::anthropic, status, body);
  REQUIRE_FALSE(result.ok());
  return result.failure();
}

std::string with_stop(const std::string& reason) {
  return R"({"content":[{"type":"text","text":"x"}],"stop_reason":")" + reason + "\"}";
}

std::string event(const std::string& type, const std::string& members) {
  return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
}

std::string delta(const std::string& text) {
  return event("content_block_delta",
               R"(,"index":0,"delta":{"type":"text_delta","text":")" + text + "\"}");
}

std::string stream() {
  return event("message_start", R"(,"message":{"usage":{"input_tokens":7,"output_tokens":1}})") +
         event("ping", "") + delta("SELECT ") + delta("1") +
         event("message_delta",
               R"(,"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9})") +
         event("message_stop", "");
}

} // namespace

TEST_CASE("a message gives its text blocks, its stop reason and all tokens of its prompt",
          "[llm]") {
  const Reply reply = good(kGood);
  CHECK(reply.text == "SELECT 1");
  CHECK(reply.finish_reason == "stop");
  CHECK(reply.usage.prompt_tokens == 42); // 10 fresh + 30 from the cache + 2 written to it
  CHECK(reply.usage.cached_tokens == 30);
  CHECK(reply.usage.completion_tokens == 5);
  CHECK(reply.raw == kGood);
}

TEST_CASE("stop reasons are told in the words of the other providers", "[llm]") {
  CHECK(good(with_stop("stop_sequence")).finish_reason == "stop");
  CHECK(good(with_stop("max_tokens")).finish_reason == "length");
  CHECK(good(with_stop("model_context_window_exceeded")).finish_reason == "length");
  CHECK(good(with_stop("refusal")).finish_reason == "content_filter");
  CHECK(good(with_stop("pause_turn")).finish_reason == "pause_turn");
}

TEST_CASE("a message without text is no answer", "[llm]") {
  CHECK(failure_of(200, R"({"content":[],"stop_reason":"refusal"})").what ==
        "the reply is no message: the model refused (reply)");
  CHECK(failure_of(200, R"({"content":[{"type":"tool_use"}]})").what ==
        "the reply is no message: the model wrote no text (reply)");
  CHECK(failure_of(200, R"({"content":"x"})").what ==
        "the reply is no message: \"content\" is not a list (reply)");
}

TEST_CASE("errors have their kind: overloaded and slow down pass, a spent limit does not",
          "[llm]") {
  const auto error = [](const std::string& members) {
    return R"({"type":"error","error":{)" + members + "}}";
  };
  CHECK(failure_of(529, error(R"("type":"overloaded_error","message":"m")")).kind ==
        Kind::unavailable);
  CHECK(failure_of(429, error(R"("type":"rate_limit_error","message":"m")")).kind ==
        Kind::rate_limited);
  CHECK(failure_of(429, error(R"("type":"rate_limit_error","message":"m",)"
                              R"("details":{"error_code":"enforced_spend_limit_reached"})"))
            .kind == Kind::quota);
  CHECK(failure_of(401, error(R"("type":"authentication_error","message":"invalid x-api-key")"))
            .what == "HTTP 401: invalid x-api-key");
  CHECK(failure_of(200, error(R"("type":"overloaded_error","message":"m")")).kind ==
        Kind::unavailable);
}

TEST_CASE("a stream of events adds up to the message", "[llm]") {
  const Reply reply = good(stream());
  CHECK(reply.text == "SELECT 1");
  CHECK(reply.finish_reason == "stop");
  CHECK(reply.usage.prompt_tokens == 7);
  CHECK(reply.usage.completion_tokens == 9);
}

TEST_CASE("a stream cut at any byte is no answer", "[llm]") {
  const std::string whole = stream();
  for (std::size_t size = 0; size < whole.size(); ++size)
    REQUIRE_FALSE(parse_reply(Api::anthropic, 200, whole.substr(0, size)).ok());
}

TEST_CASE("an error in the middle of a stream can be asked again", "[llm]") {
  const std::string body =
      delta("half") + event("error", R"(,"error":{"type":"overloaded_error","message":"busy"})");
  CHECK(failure_of(200, body).kind == Kind::unavailable);
  CHECK(failure_of(200, body).what == "the reply holds an error: busy");
}
