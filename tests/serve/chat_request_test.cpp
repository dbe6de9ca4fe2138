#include "catch.hpp"

#include "quill/core/error.hpp"
#include "serve/chat_request.hpp"

using namespace quill;
using namespace quill::serve;

namespace {

Json body(const Json& more = Json::object()) {
  Json whole{{"model", "m"}, {"messages", {{{"role", "user"}, {"content", "hi"}}}}};
  whole.update(more);
  return whole;
}

/// "parameter: what", or "" when nothing is refused.
std::string refusal(const Json& request) {
  try {
    (void)parse_chat_request(request, 100);
  } catch (const Error& error) {
    return error.text().where + ": " + error.text().what;
  }
  return "";
}

} // namespace

TEST_CASE("a request says what is wanted; what it leaves out is as OpenAI has it", "[serve]") {
  const ChatRequest plain = parse_chat_request(body(), 100);
  CHECK(plain.model == "m");
  CHECK(plain.wanted.tokens_max == 100);
  CHECK(plain.wanted.sampling.temperature == 1);
  CHECK_FALSE(plain.seeded);
  const ChatRequest full = parse_chat_request(
      body({{"max_tokens", 7},
            {"temperature", 0},
            {"n", 3},
            {"stop", {"a", "b"}},
            {"stream", true},
            {"stream_options", {{"include_usage", true}}},
            {"seed", -5},
            {"logprobs", true},
            {"top_logprobs", 2},
            {"messages",
             {{{"role", "developer"}, {"content", "be brief"}},
              {{"role", "user"}, {"content", {{{"type", "text"}, {"text", "x"}}}}}}}}),
      100);
  CHECK(full.wanted.tokens_max == 7);
  CHECK(full.wanted.samples == 3);
  CHECK(full.wanted.stops == std::vector<std::string>{"a", "b"});
  CHECK(full.stream_usage);
  CHECK(full.seeded);
  CHECK(full.wanted.top_logprobs == 2);
  CHECK(full.messages[0].role == "system");
  CHECK(full.messages[1].content == "x");
}

TEST_CASE("what cannot be done is refused with the parameter's name", "[serve]") {
  CHECK(refusal(Json::array()) == "body: the body is no JSON object");
  CHECK(refusal(body({{"wish", 1}})) == "wish: unknown parameter \"wish\"");
  CHECK(refusal(body({{"n", 0}})) == "n: n is 0; allowed: a whole number from 1 to 128");
  CHECK(refusal(body({{"n", 18446744073709551615ULL}})) ==
        "n: n is 18446744073709551615; allowed: a whole number from 1 to 128");
  CHECK(refusal(body({{"temperature", "hot"}})) ==
        "temperature: temperature is \"hot\"; allowed: a number from 0 to 2");
  CHECK(refusal(body({{"tools", {1}}})) == "tools: tools is not supported");
  CHECK(refusal(body({{"presence_penalty", 1}})) ==
        "presence_penalty: presence_penalty is not supported; allowed: 0");
  CHECK(refusal(body({{"top_logprobs", 3}})) == "top_logprobs: top_logprobs without logprobs");
  CHECK(refusal(body({{"messages", Json::array()}})) ==
        "messages: messages is no list of 1 to 4096 messages");
  CHECK(refusal(body({{"messages", {{{"role", "tool"}, {"content", "x"}}}}})) ==
        "messages[0]: messages[0] has the role \"tool\"; allowed: system, user, assistant");
  CHECK(refusal(body({{"stop", {""}}})) ==
        "stop: stop is no text and no list of at most 16 texts of 1 to 256 bytes");
  CHECK(refusal(body({{"response_format", {{"type", "json_object"}}}})) ==
        "response_format: response_format is not supported; allowed: {\"type\": \"text\"}");
}
