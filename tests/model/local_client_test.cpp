#include "catch.hpp"

#include <thread>

#include "quill/core/cancel.hpp"
#include "quill/model/chat_completion.hpp"
#include "quill/model/local_client.hpp"
#include "support/parrot.hpp"

using namespace quill;
using namespace quill::model;
using quill::tests::bytes_and_turns;
using quill::tests::Parrot;

namespace {

llm::Request ask(std::int64_t tokens_max = 100) {
  return {
      .model = "m", .messages = {{"user", "hello"}}, .temperature = 0, .tokens_max = tokens_max};
}

} // namespace

TEST_CASE("a local model answers as a client, with a body that a tape can keep", "[model]") {
  const Cancel cancel;
  const auto client = make_local_client(bytes_and_turns(), std::make_unique<Parrot>("SELECT 1"), 4);
  const auto reply = client->complete(ask(), cancel);
  REQUIRE(reply.ok());
  CHECK(reply.value().text == "SELECT 1");
  CHECK(reply.value().finish_reason == "stop");
  CHECK(reply.value().usage.completion_tokens == 9); // eight letters and the end of the turn
  const auto read = llm::parse_reply(llm::Api::openai, 200, reply.value().raw);
  REQUIRE(read.ok());
  CHECK(read.value().text == "SELECT 1");
  CHECK(client->complete(ask(), cancel).value().raw == reply.value().raw);
  CHECK(client->complete(ask(3), cancel).value().finish_reason == "length");
}

TEST_CASE("a prompt that is too long is an answer that is none, not the end of a run", "[model]") {
  const Cancel cancel;
  const auto client =
      make_local_client(bytes_and_turns(), std::make_unique<Parrot>("x", /*positions=*/10), 4);
  const auto reply = client->complete(ask(), cancel);
  REQUIRE_FALSE(reply.ok());
  CHECK(reply.failure().kind == llm::LlmFailure::Kind::bad_reply);
  // "<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n": 3 marks, 5 + 5 + 1 + 10 bytes
  CHECK(reply.failure().what == "the prompt has 24 tokens; allowed: at most 9");
}

TEST_CASE("many threads are answered together, and a stop ends the wait", "[model]") {
  Cancel cancel;
  const auto client =
      make_local_client(bytes_and_turns(), std::make_unique<Parrot>(std::string(200, 'a')), 4);
  std::vector<std::thread> threads;
  std::vector<std::string> texts(12);
  for (std::string& text : texts)
    threads.emplace_back([&] { text = client->complete(ask(300), cancel).value().text; });
  for (std::thread& thread : threads)
    thread.join();
  for (const std::string& text : texts)
    CHECK(text == std::string(200, 'a'));
  cancel.request();
  CHECK(client->complete(ask(), cancel).failure().kind == llm::LlmFailure::Kind::cancelled);
}

TEST_CASE("a stream keeps back half a character and what may begin a stop text", "[model]") {
  CHECK(settled_bytes("abc", {}) == 3);
  CHECK(settled_bytes("ab\xc3", {}) == 2);
  CHECK(settled_bytes("ab\xc3\xa9", {}) == 4);
  CHECK(settled_bytes("ab\xe2\x82", {}) == 2);
  CHECK(settled_bytes("ab\xf0\x9f\x98", {}) == 2);
  CHECK(settled_bytes("SELECT 1;", {";\n"}) == 8);
  CHECK(settled_bytes("SELECT 1;x", {";\n"}) == 10);
  CHECK(settled_bytes("aaab", {"abab", "b!"}) == 2); // "ab" may begin the first
  CHECK(settled_bytes("", {"x"}) == 0);
}
