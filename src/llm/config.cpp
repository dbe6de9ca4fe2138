#include "quill/llm/config.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/files.hpp"

namespace quill::llm {

namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where,
                         const std::string& fix) {
  throw Error{Exit::usage, {.what = what, .where = where, .fix = fix}};
}

[[noreturn]] void refuse_project_url(const ModelConfig& config, const Provider& provider) {
  refuse(fmt::format("the base URL \"{}\" comes from a project file, so it gets no key",
                     config.base_url),
         "setting llm.base_url",
         fmt::format("give the same URL with --base-url or QUILL_LLM_BASE_URL to send {} there",
                     provider.key));
}

[[noreturn]] void refuse_missing_key(const ModelConfig& config, const Provider& provider) {
  refuse(fmt::format("the provider \"{}\" needs a key", config.provider),
         fmt::format("environment variable {} (or .env)", provider.key),
         fmt::format("set {}, or use --provider rules, which needs none", provider.key));
}

/// A server on this machine: the host ends where its name ends.
bool loopback(const std::string& url) {
  for (const std::string host : {"http://127.0.0.1", "http://localhost", "http://[::1]"})
    if (url.starts_with(host) &&
        (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/'))
      return true;
  return false;
}

/// "" for a server that needs none.
std::string key_for(const ModelConfig& config, const KeyRing& keys, const Provider& provider,
                    const std::string& base_url) {
  if (provider.key.empty())
    return {};
  const auto secret = keys.secret ? keys.secret(provider.key) : std::nullopt;
  const bool project_url = !config.base_url.empty() && keys.base_url_layer == Layer::project_file;
  if (secret && !project_url)
    return *secret;
  if (loopback(base_url))
    return {};
  if (secret)
    refuse_project_url(config, provider);
  refuse_missing_key(config, provider);
}

} // namespace

void ModelConfig::fields(FieldList& list) {
  list.add_shared(
      "llm.provider", "--provider", &provider,
      "who proposes: rules (built in, no key), openai, deepseek, openrouter, "
      "anthropic, ollama, vllm, or another of the providers file; local (a model of this machine, "
      "--model DIR); replay (from --tape)");
  list.add_shared("llm.model", "--model", &model,
                  "model name; default by provider; with --provider local the folder of the model");
  list.add_shared("llm.adapter", "--adapter", &adapter,
                  "with --provider local: folder of a LoRA adapter");
  list.add_shared("llm.base_url", "--base-url", &base_url,
                  "base URL of the model's server; default by provider");
  list.add_shared("llm.providers", "--providers", &providers,
                  "file with providers, default models and prices, in place of the shipped one");
  list.add_shared("llm.stream", "--stream", &stream,
                  "have answers sent word by word: a dead connection is seen sooner");
  list.add_shared("llm.context_tokens", "--context-tokens", &context_tokens,
                  "context of an ollama model; other servers set their own")
      .in("tokens")
      .range(512, 10'000'000);
  list.add_shared("llm.json_answers", "--json-answers", &json_answers,
                  "how a model is told to answer in JSON: as the provider offers, or one of the "
                  "others, for servers that refuse it")
      .one_of({"provider", "none", "object", "schema"});
  list.add_shared("llm.prompts", "--prompts", &prompts,
                  "folder with prompt files of your own (optimise.md …); what it lacks is shipped");
  list.add_shared("llm.request_timeout_s", "--request-timeout", &request_timeout_s,
                  "time that one request to a model may take, answer included")
      .in("s")
      .range(0.1, 3600);
  list.add_shared("llm.concurrency", "--concurrency", &concurrency,
                  "requests to a model in flight at the same time")
      .range(1, 1'000);
  list.add_shared("llm.requests_per_minute", "--rpm", &requests_per_minute,
                  "requests a minute to a model at most; default: no limit")
      .at_least(1);
  list.add_shared("llm.tokens_per_minute", "--tpm", &tokens_per_minute,
                  "tokens a minute to and from a model at most; default: no limit")
      .at_least(1);
  list.add_shared("llm.budget_usd", "--budget-usd", &budget_usd,
                  "what the run may cost in all; exit 4 before a request that could pass it")
      .in("USD")
      .at_least(0);
  list.add_shared("llm.budget_tokens", "--budget-tokens", &budget_tokens,
                  "tokens that the run may take in all; exit 4 as above")
      .at_least(0);
  list.add_shared("llm.budget_calls", "--budget-calls", &budget_calls,
                  "requests that the run may send in all; exit 4 as above")
      .at_least(0);
  list.add_shared("llm.tape", "--tape", &tape,
                  "folder of an earlier run: what a model answered there is not asked again; with "
                  "--provider replay nobody else is asked");
}

Pace ModelConfig::pace() const {
  return {.in_flight_max = concurrency,
          .requests_per_minute = requests_per_minute,
          .tokens_per_minute = tokens_per_minute};
}

Budget ModelConfig::budget() const {
  return {.usd = budget_usd, .tokens = budget_tokens, .calls = budget_calls};
}

std::filesystem::path ModelConfig::prompt_file(std::string_view name) const {
  const std::filesystem::path own = prompts / name;
  return !prompts.empty() && std::filesystem::exists(own) ? own
                                                          : shipped_folder() / "prompts" / name;
}

std::filesystem::path ModelConfig::proposing_prompt() const {
  return prompt_file(provider == "local" ? "slow_to_fast.md" : "optimise.md");
}

void ModelConfig::check(const std::vector<std::string>& others) const {
  if (!prompts.empty() && !std::filesystem::is_directory(prompts))
    refuse(fmt::format("\"{}\" is no folder", prompts.string()), "setting llm.prompts",
           "give a folder that holds prompt files");
  if (!adapter.empty() && provider != "local")
    refuse(fmt::format("the adapter \"{}\" would not be used", adapter.string()),
           "setting llm.adapter", "leave it out, or use --provider local");
  std::vector<std::string> known = others;
  const std::vector<std::string> names = provider_names(providers);
  known.insert(known.end(), names.begin(), names.end());
  if (std::find(known.begin(), known.end(), provider) != known.end())
    return;
  const std::string nearest = nearest_word(provider, known);
  const std::string list = fmt::format("{}", fmt::join(known, ", "));
  refuse(fmt::format("unknown provider \"{}\"", provider), "setting llm.provider",
         nearest.empty() ? "use one of " + list
                         : fmt::format("did you mean \"{}\"? Known are {}", nearest, list));
}

Access resolve_access(const ModelConfig& config, const KeyRing& keys, const Provider& provider) {
  Access access;
  access.model = config.model.empty() ? provider.model : config.model;
  if (!config.adapter.empty()) // part of every request's key: with it the model answers otherwise
    access.model += "+" + config.adapter.string();
  if (access.model.empty())
    refuse(fmt::format("the provider \"{}\" has no default model", config.provider),
           "setting llm.model", "name one with --model");
  if (config.budget_usd && !price_of(provider, access.model))
    refuse(fmt::format("the price of \"{}\" is not known, so its cost cannot be kept below {} USD",
                       access.model, *config.budget_usd),
           "setting llm.budget_usd",
           "use --budget-tokens or --budget-calls, or give a file with its price with --providers");
  Endpoint& endpoint = access.endpoint;
  endpoint.api = provider.api;
  endpoint.json = config.json_answers == "provider"
                      ? provider.json
                      : json_answers_named(config.json_answers, "setting llm.json_answers");
  endpoint.extra = provider.extra;
  endpoint.stream = config.stream;
  endpoint.timeout_ms = config.request_timeout_s * 1000;
  endpoint.context_tokens = config.context_tokens;
  endpoint.base_url = config.base_url.empty() ? provider.base_url : config.base_url;
  endpoint.api_key = key_for(config, keys, provider, endpoint.base_url);
  return access;
}

} // namespace quill::llm
