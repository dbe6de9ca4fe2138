#include <fmt/format.h>

#include <algorithm>

#include "loop/author.hpp"
#include "loop/model_answer.hpp"

namespace quill::loop {

namespace {

/// How a band is asked for.
std::string wish_text(const Band& wish, bool pathological) {
  std::string text = wish.high > 1'000 ? fmt::format("{:.0f} times or more", wish.low)
                                       : fmt::format("{:.0f} to {:.0f} times", wish.low, wish.high);
  if (!pathological)
    text += ", without a product of two tables";
  return text;
}

/// Some of the slow queries of this database, so that it writes another.
std::string written_before(const AuthorSetup& setup, const WriteAsk& ask) {
  std::vector<std::string> queries;
  for (const Example& example : ask.pool.examples())
    if (example.schema == ask.schema)
      queries.push_back(example.before);
  Rng rng = ask.rng;
  rng.shuffle(queries);
  queries.resize(std::min(queries.size(), static_cast<std::size_t>(setup.few_shot)));
  std::string text;
  for (const std::string& query : queries)
    text += fmt::format("```sql\n{}\n```\n", query);
  return text;
}

class ModelAuthor final : public Author {
 public:
  ModelAuthor(AuthorSetup setup, SessionOf sessions, llm::Client& client, const Cancel& cancel)
      : setup_(std::move(setup)), sessions_(std::move(sessions)), client_(client), cancel_(cancel) {
  }

  Question question(const WriteAsk& ask) override {
    const llm::Request request = author_request(setup_, ask);
    return {.key = request.key(), .request = dump_json(request.json())};
  }

  store::Response answer(const Question& question, const WriteAsk&) override {
    return model_answer(question, client_, setup_.provider, cancel_);
  }

  Result<Written> read(const store::Response& response, const WriteAsk& ask) override {
    if (!response.usable)
      return Failure{"the server's answer is no chat completion"};
    const auto reply = llm::parse_reply(setup_.server.api, response.status, response.body);
    if (!reply)
      return Failure{reply.failure().what};
    if (auto cut = task::why_cut_off(reply.value()); !cut.empty())
      return Failure{std::move(cut)};
    const auto candidate = task::extract_candidate(reply.value().text);
    if (!candidate)
      return Failure{candidate.failure().what};
    const auto plan = sessions_(ask.database).plan(candidate.value().after);
    if (!plan.ok)
      return Failure{"the query does not run: " + plan.message};
    return Written{.before = candidate.value().after, .needs = {}, .known = std::nullopt};
  }

  Price price(const store::Response& response) const override {
    Price price;
    const auto reply = llm::parse_reply(setup_.server.api, response.status, response.body);
    if (!response.usable || !reply)
      return price;
    price.usage = reply.value().usage;
    price.cost_usd = llm::cost_usd(setup_.server, setup_.model, price.usage);
    return price;
  }

 private:
  AuthorSetup setup_;
  SessionOf sessions_;
  llm::Client& client_;
  const Cancel& cancel_;
};

} // namespace

llm::PromptFile load_junior_prompt(const std::filesystem::path& file) {
  return llm::PromptFile::load(file, {"schema", "engine", "written", "wish"});
}

llm::Request author_request(const AuthorSetup& setup, const WriteAsk& ask) {
  constexpr std::int64_t kAttemptsMax = 1'000;
  llm::Request request{.model = setup.model,
                       .messages =
                           setup.prompt.render({{"schema", ask.schema},
                                                {"engine", setup.engine},
                                                {"written", written_before(setup, ask)},
                                                {"wish", wish_text(ask.wish, ask.pathological)}}),
                       .temperature = setup.temperature};
  request.sample_index = ask.iteration * kAttemptsMax + ask.attempt; // never twice in a run
  return request;
}

std::unique_ptr<Author> make_model_author(AuthorSetup setup, SessionOf sessions,
                                          llm::Client& client, const Cancel& cancel) {
  return std::make_unique<ModelAuthor>(std::move(setup), std::move(sessions), client, cancel);
}

} // namespace quill::loop
