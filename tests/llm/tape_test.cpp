#include "catch.hpp"

#include <map>

#include "llm/fake_client.hpp"
#include "quill/llm/wrappers.hpp"

using namespace quill;
using namespace quill::llm;
using namespace quill::llm::test;
using Kind = LlmFailure::Kind;

namespace {

const Cancel kNoCancel;

const std::string kBody =
    R"({"choices":[{"finish_reason":"stop","message":{"content":"SELECT 1"}}]})";

class MemoryTape final : public Tape {
 public:
  std::optional<Recorded> find(const std::string& key) override {
    const auto found = recorded.find(key);
    return found == recorded.end() ? std::nullopt : std::optional(found->second);
  }
  void put(const Request& request, const Recorded& answer) override {
    recorded[request.key()] = answer;
    requests.push_back(dump_json(request.json()));
  }
  void each_request(const std::function<bool(const std::string&)>& look) override {
    for (const std::string& request : requests)
      if (!look(request))
        return;
  }
  std::map<std::string, Recorded> recorded;
  std::vector<std::string> requests;
};

Reply whole() {
  return parse_reply(Api::openai, 200, kBody).value();
}

} // namespace

TEST_CASE("what was asked once is answered from the tape, each sample for itself", "[llm]") {
  MemoryTape tape;
  FakeClient inner([](const Request&) { return whole(); });
  const auto client = with_tape(&inner, tape, Api::openai);
  for (const std::int64_t sample : {0, 1, 0, 1, 2})
    CHECK(client->complete(request_of(10, sample), kNoCancel).value().text == "SELECT 1");
  CHECK(inner.asked().size() == 3);
  CHECK(tape.recorded.at(request_of(10, 2).key()).raw == kBody);
}

TEST_CASE("an answer that is none is kept and played as such; failures are not", "[llm]") {
  MemoryTape tape;
  auto kind = Kind::bad_reply;
  FakeClient inner([&](const Request&) { return LlmFailure{kind, "why", std::nullopt, "<html>"}; });
  const auto client = with_tape(&inner, tape, Api::openai);
  CHECK(client->complete(request_of(10), kNoCancel).failure().kind == Kind::bad_reply);
  const auto played = client->complete(request_of(10), kNoCancel);
  CHECK(played.failure().raw == "<html>");
  CHECK(inner.asked().size() == 1);
  kind = Kind::unavailable;
  CHECK(client->complete(request_of(10, 7), kNoCancel).failure().kind == Kind::unavailable);
  CHECK(tape.recorded.size() == 1);
}

TEST_CASE("a replay that misses says how the nearest recorded request differs", "[llm]") {
  MemoryTape tape;
  Request recorded = request_of(10);
  recorded.messages = {{"system", "You are an engineer."}, {"user", "Make it fast: SELECT 1"}};
  tape.put(request_of(10), {kBody});
  tape.put(recorded, {kBody});
  const auto client = with_tape(nullptr, tape, Api::openai);
  Request asked = recorded;
  asked.messages[1].content = "Make it fast: SELECT 2";
  asked.temperature = 0.5;
  const auto result = client->complete(asked, kNoCancel);
  REQUIRE_FALSE(result.ok());
  CHECK(result.failure().kind == Kind::not_recorded);
  CHECK(result.failure().what ==
        "the tape has no answer to this request; the nearest one differs: messages[1]: recorded "
        "\"Make it fast: SELECT 1\", asked \"Make it fast: SELECT 2\"; temperature: recorded "
        "\"0.7\", asked \"0.5\"");
}

TEST_CASE("an empty tape says so", "[llm]") {
  MemoryTape tape;
  const auto client = with_tape(nullptr, tape, Api::openai);
  CHECK(client->complete(request_of(1), kNoCancel).failure().what ==
        "the tape holds no request at all");
}
