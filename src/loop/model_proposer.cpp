#include <fmt/format.h>

#include "loop/model_answer.hpp"
#include "loop/proposer.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/json.hpp"

namespace quill::loop {

namespace {

class ModelProposer final : public Proposer {
 public:
  ModelProposer(ModelSetup setup, llm::Client& client, const Cancel& cancel)
      : setup_(std::move(setup)), client_(client), cancel_(cancel) {}

  std::vector<Question> questions(const Ask& ask) override {
    const auto shots =
        ask.pool.shots(ask.problem, static_cast<std::size_t>(setup_.few_shot), ask.rng);
    llm::Request request{.model = setup_.model,
                         .messages = setup_.prompt.render(ask.problem, shots, setup_.engine),
                         .temperature = setup_.temperature};
    if (setup_.json != llm::JsonAnswers::none)
      request.schema = task::candidate_schema();
    std::vector<Question> questions;
    for (std::int64_t k = 0; k < ask.count; ++k) {
      request.sample_index = (ask.iteration - 1) * ask.count + k; // never twice in a run
      questions.push_back({.key = request.key(), .request = dump_json(request.json())});
    }
    return questions;
  }

  store::Response answer(const Question& question, const Ask&) override {
    return model_answer(question, client_, setup_.provider, cancel_);
  }

  Offers read(const store::Response& response) const override {
    Offers offers;
    if (!response.usable) {
      offers.candidates.emplace_back(Failure{"the server's answer is no chat completion"});
      return offers;
    }
    const auto reply = llm::parse_reply(setup_.server.api, response.status, response.body);
    if (!reply) {
      offers.candidates.emplace_back(Failure{reply.failure().what});
      return offers;
    }
    offers.usage = reply.value().usage;
    offers.cost_usd = llm::cost_usd(setup_.server, setup_.model, offers.usage);
    offers.candidates.push_back(task::candidate_of(reply.value()));
    return offers;
  }

  std::string provider() const override { return setup_.provider; }
  std::string model() const override { return setup_.model; }
  std::string prompt_sha256() const override { return setup_.prompt.sha256(); }

 private:
  ModelSetup setup_;
  llm::Client& client_;
  const Cancel& cancel_;
};

} // namespace

std::unique_ptr<Proposer> make_model_proposer(ModelSetup setup, llm::Client& client,
                                              const Cancel& cancel) {
  return std::make_unique<ModelProposer>(std::move(setup), client, cancel);
}

} // namespace quill::loop
