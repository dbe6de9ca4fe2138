#include "catch.hpp"
#include "quill/llm/client.hpp"

using namespace quill;
using namespace quill::llm;
using Kind = LlmFailure::Kind;

namespace {

const std::string kGood =
    R"({"model":"m","message":{"role":"assistant","content":"SELECT 1"},"done":true,)"
    R"("done_reason":"stop","prompt_eval_count":26,"eval_count":4})";

std::string part(const std::string& content) {
  return R"({"message":{"content":")" + content + R"("},"done":false})" + "\n";
}

LlmFailure failure_of(long status, const std::string& body) {
  const auto result = parse_reply(Api::ollama, status, body);
  REQUIRE_FALSE(result.ok());
  return result.failure();
}

} // namespace

TEST_CASE("an answer of ollama gives text, reason and tokens", "[llm]") {
  const auto reply = parse_reply(Api::ollama, 200, kGood);
  REQUIRE(reply.ok());
  CHECK(reply.value().text == "SELECT 1");
  CHECK(reply.value().finish_reason == "stop");
  CHECK(reply.value().usage.prompt_tokens == 26);
  CHECK(reply.value().usage.completion_tokens == 4);
  CHECK(reply.value().raw == kGood);
}

TEST_CASE("a stream of lines adds up, and cut at any byte is no answer", "[llm]") {
  const std::string last = R"({"message":{"content":""},"done":true,"done_reason":"length"})";
  const std::string whole = part("SELECT ") + "\n" + part("1") + last;
  const auto reply = parse_reply(Api::ollama, 200, whole + "\n");
  REQUIRE(reply.ok());
  CHECK(reply.value().text == "SELECT 1");
  CHECK(reply.value().finish_reason == "length");
  for (std::size_t size = 0; size < whole.size(); ++size)
    REQUIRE_FALSE(parse_reply(Api::ollama, 200, whole.substr(0, size)).ok());
}

TEST_CASE("errors come as a status, or as a line of the stream", "[llm]") {
  CHECK(failure_of(404, R"({"error":"model 'x' not found"})").what ==
        "HTTP 404: model 'x' not found");
  CHECK(failure_of(200, part("half") + R"({"error":"out of memory"})").what ==
        "the reply holds an error: out of memory");
  CHECK(failure_of(200, R"({"message":{"content":""},"done":true})").what ==
        "the reply is no chat answer: the model wrote no text (line 1)");
  CHECK(failure_of(200, "").what ==
        "the reply is no chat answer: it ends before the answer does (line 0)");
}
