#include "quill/loop/model.hpp"

namespace quill::loop {

namespace {

std::string setting(const Json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The provider as it was when the tape was recorded; nobody is paid now.
llm::Provider recorded_provider(const Json& config, const std::string& where) {
  llm::Provider provider;
  provider.api = llm::api_named(setting(config, "llm.api"), where + ": llm.api");
  provider.json =
      llm::json_answers_named(setting(config, "llm.json_answers"), where + ": llm.json_answers");
  provider.model = setting(config, "llm.model");
  provider.prices = {{"*", {}}};
  return provider;
}

/// Nobody is paid, and bodies have OpenAI's shape.
llm::Provider local_provider() {
  llm::Provider provider;
  provider.prices = {{"*", {}}};
  return provider;
}

[[noreturn]] void refuse_without_tape() {
  throw Error{Exit::usage,
              {.what = "the provider \"replay\" needs a recording",
               .where = "setting llm.tape",
               .fix = "give the folder of a run that a model answered with --tape FOLDER"}};
}

[[noreturn]] void refuse_tape(const llm::ModelConfig& config) {
  throw Error{Exit::usage,
              {.what = "no model answered in the run on the tape",
               .where = config.tape.string(),
               .fix = "give the folder of a run whose provider was not rules"}};
}

/// What was paid for before this start, by what the answers say.
llm::Spent spent_in(const store::Run& run, const Model& model) {
  llm::Spent spent;
  run.each_answer([&](const std::string&, const store::Response& response) {
    ++spent.calls;
    if (!response.usable)
      return true;
    const auto reply = llm::parse_reply(model.access.endpoint.api, response.status, response.body);
    if (reply) {
      const llm::Usage& usage = reply.value().usage;
      spent.tokens += usage.prompt_tokens.value_or(0) + usage.completion_tokens.value_or(0);
      spent.usd += llm::cost_usd(model.provider, model.access.model, usage).value_or(0);
    }
    return true;
  });
  return spent;
}

/// Every failed attempt stays on record, whatever came of it.
llm::Witness record_in(store::Run* run, const Clock& clock) {
  if (run == nullptr)
    return {};
  return [run, &clock](const llm::Request& request, const llm::LlmFailure& failure) {
    run->put_failed_attempt({.key = request.key(),
                             .at = clock.utc(),
                             .kind = std::string(llm::to_string(failure.kind)),
                             .what = failure.what,
                             .body = failure.raw});
  };
}

} // namespace

Model prepare_model(const llm::ModelConfig& config, const llm::KeyRing& keys) {
  Model model;
  model.name = config.provider;
  if (!config.tape.empty())
    model.recording = store::open_recording(config.tape);
  if (model.recording && setting(model.recording->config, "llm.api").empty())
    refuse_tape(config);
  if (model.replays() && !model.recording)
    refuse_without_tape();
  if (model.replays())
    model.provider = recorded_provider(model.recording->config, config.tape.string());
  else if (model.is_local())
    model.provider = local_provider();
  else
    model.provider = llm::load_provider(config.provider, config.providers);
  model.access = llm::resolve_access(config, keys, model.provider);
  return model;
}

Json settings_of(const Model& model) {
  return {{"llm.model", model.access.model},
          {"llm.api", llm::to_string(model.access.endpoint.api)},
          {"llm.json_answers", llm::to_string(model.access.endpoint.json)}};
}

llm::CostFunction cost_of(const Model& model) {
  return [provider = model.provider, name = model.access.model](const llm::Usage& usage) {
    return llm::cost_usd(provider, name, usage);
  };
}

void connect(Model& model, const llm::ModelConfig& config, store::Run* run, HttpClient& http,
             Clock& clock, std::uint64_t jitter_seed) {
  QUILL_CHECK(!model.is_local() || model.local != nullptr, "a local model that was not opened");
  if (!model.replays()) {
    llm::StackSetup setup{.endpoint = model.access.endpoint,
                          .pace = config.pace(),
                          .budget = config.budget(),
                          .spent = {},
                          .cost = cost_of(model),
                          .witness = record_in(run, clock),
                          .wire = model.local.get(),
                          .jitter_seed = jitter_seed};
    if (setup.budget.limits() && run != nullptr)
      setup.spent = spent_in(*run, model);
    model.stack = llm::make_stack(setup, http, clock);
  }
  if (model.recording)
    model.client =
        llm::with_tape(model.stack.get(), *model.recording->tape, model.access.endpoint.api);
  else
    model.client = std::move(model.stack);
}

} // namespace quill::loop
