#include "catch.hpp"

#include <deque>

#include "loop/fakes.hpp"
#include "loop/proposer.hpp"

using namespace quill;
using namespace quill::loop;

namespace {

std::string completion(const std::string& content, const std::string& finish = "stop") {
  return dump_json(
      Json{{"choices", Json::array({{{"index", 0},
                                     {"message", {{"role", "assistant"}, {"content", content}}},
                                     {"finish_reason", finish}}})},
           {"usage", {{"prompt_tokens", 100}, {"completion_tokens", 20}, {"total_tokens", 120}}}});
}

/// Gives what was laid ready; remembers what it was asked.
class FakeClient final : public llm::Client {
 public:
  Result<llm::Reply, llm::LlmFailure> complete(const llm::Request& request,
                                               const Cancel&) override {
    requests.push_back(request);
    if (failure)
      return *failure;
    return llm::parse_reply(llm::Api::openai, 200, body);
  }
  std::vector<llm::Request> requests;
  std::string body;
  std::optional<llm::LlmFailure> failure;
};

struct Scene {
  ScratchFolder folder;
  FakeClient client;
  Cancel cancel;
  task::Problem problem{
      .id = "p", .schema = "CREATE TABLE t (a)", .before = "SELECT a FROM t", .needs = {}};
  Pool pool;
  Problems problems;
  std::vector<Tried> tried;
  std::unique_ptr<Proposer> proposer;

  Scene() {
    const auto file = folder.path() / "optimise.md";
    real_disk().write_atomic(file, "## user\n{{schema}}\n{{shots}}\n{{before}}\n");
    proposer =
        make_model_proposer({.provider = "openai",
                             .server = {.prices = {{"m", {.prompt = 1.0, .completion = 2.0}}}},
                             .model = "m",
                             .temperature = 0.5,
                             .few_shot = 1,
                             .engine = "sqlite",
                             .prompt = task::PromptTemplate::load(file)},
                            client, cancel);
  }
  Ask ask(std::int64_t iteration) {
    return {.iteration = iteration,
            .problem = problem,
            .count = 3,
            .pool = pool,
            .tried = tried,
            .problems = problems,
            .rng = Rng(1)};
  }
};

} // namespace

TEST_CASE("a model is asked once a candidate, never twice with the same key", "[loop]") {
  Scene scene;
  std::set<std::string> keys;
  for (std::int64_t iteration = 1; iteration <= 4; ++iteration)
    for (const Question& question : scene.proposer->questions(scene.ask(iteration)))
      CHECK(keys.insert(question.key).second);
  CHECK(keys.size() == 12);
  const auto again = scene.proposer->questions(scene.ask(2));
  CHECK(keys.contains(again[0].key)); // the same ask has the same keys
}

TEST_CASE("the raw body is what is stored, and reading it gives candidate, tokens and cost",
          "[loop]") {
  Scene scene;
  scene.client.body = completion(R"({"after": "SELECT a FROM t WHERE 1", "explanation": "e"})");
  const Ask ask = scene.ask(1);
  const auto questions = scene.proposer->questions(ask);
  const store::Response response = scene.proposer->answer(questions[1], ask);
  CHECK(response.body == scene.client.body);
  CHECK(scene.client.requests.at(0).sample_index == 1);
  CHECK(scene.client.requests.at(0).temperature == 0.5);

  const Offers offers = scene.proposer->read(response);
  REQUIRE(offers.candidates.size() == 1);
  CHECK(offers.candidates[0].value().after == "SELECT a FROM t WHERE 1");
  CHECK(*offers.usage.prompt_tokens == 100);
  CHECK(*offers.cost_usd == Approx(0.00014)); // 100·1 + 20·2 millionths
}

TEST_CASE("an answer that was cut off is no candidate", "[loop]") {
  Scene scene;
  const Offers offers = scene.proposer->read(
      {.status = 200, .body = completion("```sql\nSELECT 1", "length"), .usable = true});
  REQUIRE(offers.candidates.size() == 1);
  CHECK(offers.candidates[0].failure().what == "the answer was cut off (finish_reason \"length\")");
}

TEST_CASE("an answer that is no completion is stored and counted, not asked again", "[loop]") {
  Scene scene;
  scene.client.failure = llm::LlmFailure{.kind = llm::LlmFailure::Kind::bad_reply,
                                         .what = "no choices",
                                         .retry_after_ms = std::nullopt,
                                         .raw = "<html>"};
  const Ask ask = scene.ask(1);
  const store::Response response = scene.proposer->answer(scene.proposer->questions(ask)[0], ask);
  CHECK(response.body == "<html>");
  CHECK_FALSE(response.usable);
  CHECK_FALSE(scene.proposer->read(response).candidates.at(0).ok());
}

TEST_CASE("a refusal for good ends the run with exit 3 and the way on", "[loop]") {
  Scene scene;
  scene.client.failure = llm::LlmFailure{.kind = llm::LlmFailure::Kind::refused,
                                         .what = "HTTP 401: invalid key",
                                         .retry_after_ms = std::nullopt,
                                         .raw = ""};
  const Ask ask = scene.ask(1);
  try {
    (void)scene.proposer->answer(scene.proposer->questions(ask)[0], ask);
    FAIL("answered");
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::outside);
    CHECK(error.text().what == "the model API did not answer: HTTP 401: invalid key");
    CHECK(error.text().where == "provider openai");
    CHECK(error.text().fix == "check key, model name and base URL, then run the same command with "
                              "--resume; all answers so far are safe in run.db");
  }
}
