// What a run would ask first, and what it may cost: --dry-run.
#include "loop/author.hpp"
#include "loop/inputs.hpp"
#include "loop/json_values.hpp"
#include "loop/loop.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"
#include "quill/loop/model.hpp"

namespace quill::loop {

namespace {

/// An answer with a query and two sentences of explanation; a guess from such answers.
constexpr std::int64_t kAnswerTokens = 250;

Pool pool_of(const std::vector<Example>& seeds) {
  Pool pool;
  for (const Example& seed : seeds)
    pool.add(seed);
  return pool;
}

/// Stage 2 begins with a slow query.
llm::Request first_written(const RestemConfig& config, const Model& model, const Site& site) {
  const Pool none;
  return author_request({.provider = model.name,
                         .server = model.provider,
                         .model = model.access.model,
                         .temperature = config.temperature,
                         .few_shot = config.few_shot,
                         .engine = site.engine,
                         .prompt = load_junior_prompt(config.llm.prompt_file("junior.md"))},
                        {.iteration = 1,
                         .attempt = 0,
                         .database = site.name,
                         .schema = site.schema,
                         .wish = wanted_bands().front(),
                         .pathological = false,
                         .pool = none,
                         .rng = Rng(static_cast<std::uint64_t>(config.seed))});
}

/// The request that a run sends first.
llm::Request first_request(const RestemConfig& config, const Model& model, engine::Session& session,
                           const std::vector<Example>& seeds) {
  const Site site{.name = "", .schema = session.schema().ddl(), .engine = session.version()};
  if (config.stage == 2)
    return first_written(config, model, site);
  const auto prompt = task::PromptTemplate::load(config.llm.proposing_prompt());
  const auto problems = problems_of(seeds, site);
  const Pool pool = pool_of(seeds);
  const auto shots = pool.shots(problems.front(), static_cast<std::size_t>(config.few_shot),
                                Rng(static_cast<std::uint64_t>(config.seed)).child("ask", 1));
  return {.model = model.access.model,
          .messages = prompt.render(problems.front(), shots, session.version()),
          .temperature = config.temperature};
}

llm::Usage times(const llm::Usage& usage, std::int64_t count) {
  return {.prompt_tokens = *usage.prompt_tokens * count,
          .completion_tokens = *usage.completion_tokens * count,
          .cached_tokens = {}};
}

Json usage_json(const llm::Usage& usage, const std::optional<double>& usd) {
  return {{"prompt_tokens", integer_or_null(usage.prompt_tokens)},
          {"completion_tokens", integer_or_null(usage.completion_tokens)},
          {"cost_usd", number_or_null(usd)}};
}

} // namespace

RestemEstimate estimate_restem(const RestemConfig& config, RestemContext& context) {
  config.check();
  const std::vector<Example> seeds = seeds_of(config);
  RestemEstimate estimate;
  estimate.provider = config.llm.provider;
  estimate.likely = estimate.at_most = {0, 0, std::nullopt};
  estimate.likely_usd = estimate.at_most_usd = 0;
  if (config.llm.provider == "rules")
    return estimate;
  llm::KeyRing keys = context.keys;
  keys.secret = [](std::string_view) { return "none is needed"; }; // nothing is sent
  const Model model = prepare_model(config.llm, keys);
  const ScratchFolder scratch;
  const auto session = engine::open_sqlite(
      make_databases(config, scratch.path(), context.cancel).front().path, &context.cancel);
  const llm::Request request = first_request(config, model, *session, seeds);
  const llm::Usage at_most = llm::usage_at_most(request);
  estimate.model = model.access.model;
  estimate.prompt = request.messages;
  estimate.requests = config.iterations * (config.candidates + (config.stage == 2 ? 1 : 0));
  estimate.at_most = times(at_most, estimate.requests);
  estimate.likely = times({at_most.prompt_tokens, kAnswerTokens, std::nullopt}, estimate.requests);
  estimate.likely_usd = llm::cost_usd(model.provider, estimate.model, estimate.likely);
  estimate.at_most_usd = llm::cost_usd(model.provider, estimate.model, estimate.at_most);
  estimate.prices_as_of = model.provider.prices_as_of;
  return estimate;
}

Json to_json(const RestemEstimate& estimate) {
  Json prompt = Json::array();
  for (const llm::Message& message : estimate.prompt)
    prompt.push_back({{"role", message.role}, {"content", message.content}});
  return {{"format_version", kFormatVersion},
          {"dry_run", true},
          {"provider", estimate.provider},
          {"model", text_or_null(estimate.model)},
          {"requests", estimate.requests},
          {"likely", usage_json(estimate.likely, estimate.likely_usd)},
          {"at_most", usage_json(estimate.at_most, estimate.at_most_usd)},
          {"prices_as_of", text_or_null(estimate.prices_as_of)},
          {"prompt", std::move(prompt)}};
}

} // namespace quill::loop
