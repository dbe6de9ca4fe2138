#include "catch.hpp"
#include "quill/core/files.hpp"
#include "quill/llm/client.hpp"

using namespace quill;
using namespace quill::llm;

namespace {

Request sample() {
  Request request;
  request.model = "m";
  request.messages = {{"system", "be fast"}, {"user", "SELECT 1"}};
  return request;
}

const std::string kSampleJson =
    R"({"model":"m","messages":[{"role":"system","content":"be fast"},)"
    R"({"role":"user","content":"SELECT 1"}],"temperature":0.7,"tokens_max":2048,)"
    R"("sample_index":0})";

} // namespace

TEST_CASE("a request is one JSON text, and its key is that text's hash", "[llm]") {
  CHECK(dump_json(sample().json()) == kSampleJson);
  CHECK(sample().key() == sha256_hex(kSampleJson));
  CHECK(sample().key() ==
        "255b556d73395fd1dda1b125af34474a35a592db8f978ce2ee6500ff824b650a"); // recorded answers are
                                                                             // found by it
}

TEST_CASE("every part of a request is part of its key, the sample index too", "[llm]") {
  std::vector<Request> others(6, sample());
  others[0].model = "n";
  others[1].messages[1].content += " ";
  others[2].messages[0].role = "user";
  others[3].temperature = 0.8;
  others[4].tokens_max = 2049;
  others[5].sample_index = 1;
  for (const auto& other : others)
    CHECK(other.key() != sample().key());
}

TEST_CASE("a prompt that is no UTF-8 still has a key", "[llm]") {
  Request request = sample();
  request.messages[1].content = "\xff";
  CHECK(request.key().size() == 64);
}

TEST_CASE("a request is read back from its own JSON", "[llm]") {
  Request request;
  request.model = "m";
  request.messages = {{"system", "s"}, {"user", "u"}};
  request.temperature = 0.3;
  request.sample_index = 9;
  request.schema = Json{{"type", "object"}};
  const Request again = Request::from_json(request.json(), "test");
  CHECK(again.key() == request.key());
  CHECK(again.messages[1].content == "u");
  request.schema = nullptr;
  CHECK(Request::from_json(request.json(), "test").key() == request.key());
  CHECK_FALSE(request.json().contains("schema")); // keys of runs without one stay what they were
}
