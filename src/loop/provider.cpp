#include "loop/provider.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "loop/json_values.hpp"
#include "quill/core/files.hpp"

namespace quill::loop {

namespace {

Price read_price(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Price price{.prompt = object.number("prompt"), .completion = object.number("completion")};
  if (object.has("cached"))
    price.cached = object.number("cached");
  return price;
}

Provider read_provider(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Provider provider;
  provider.api = llm::api_named(object.text("api"), object.where() + ": api");
  provider.base_url = object.text("base_url");
  provider.model = object.text("model");
  provider.key = optional_text(object, "key");
  if (object.has("extra"))
    provider.extra = object.at("extra");
  for (const auto& [model, price] : object.at("prices").items())
    provider.prices[model] = read_price(price, where + ": prices." + model);
  return provider;
}

[[noreturn]] void refuse_project_url(const RestemConfig& config, const Provider& provider) {
  throw Error{
      Exit::usage,
      {.what = fmt::format("the base URL \"{}\" comes from a project file, so it gets no key",
                           config.base_url),
       .where = "setting llm.base_url",
       .fix = fmt::format("give the same URL with --base-url or QUILL_LLM_BASE_URL to send "
                          "{} there",
                          provider.key)}};
}

[[noreturn]] void refuse_missing_key(const RestemConfig& config, const Provider& provider) {
  throw Error{
      Exit::usage,
      {.what = fmt::format("the provider \"{}\" needs a key", config.provider),
       .where = fmt::format("environment variable {} (or .env)", provider.key),
       .fix = fmt::format("set {}, or use --provider rules, which needs none", provider.key)}};
}

/// A server on this machine: the host ends where its name ends.
bool loopback(const std::string& url) {
  for (const std::string host : {"http://127.0.0.1", "http://localhost", "http://[::1]"})
    if (url.starts_with(host) &&
        (url.size() == host.size() || url[host.size()] == ':' || url[host.size()] == '/'))
      return true;
  return false;
}

} // namespace

std::vector<std::string> provider_names() {
  return {"rules", "openai", "deepseek", "openrouter", "anthropic", "ollama"};
}

Provider load_provider(const std::string& name) {
  const auto file = shipped_folder() / "providers.json";
  const std::string where = file.string();
  const Json document = parse_json(read_file(file), where);
  const JsonObject providers(JsonObject(document, where).at("providers"), where + ": providers");
  return read_provider(providers.at(name), where + ": " + name);
}

std::optional<double> cost_usd(const Provider& provider, const std::string& model,
                               const llm::Usage& usage) {
  auto price = provider.prices.find(model);
  if (price == provider.prices.end())
    price = provider.prices.find("*");
  if (price == provider.prices.end() || !usage.prompt_tokens || !usage.completion_tokens)
    return std::nullopt;
  const auto prompt = static_cast<double>(*usage.prompt_tokens);
  const double cached = std::min(static_cast<double>(usage.cached_tokens.value_or(0)), prompt);
  return ((prompt - cached) * price->second.prompt +
          cached * price->second.cached.value_or(price->second.prompt) +
          static_cast<double>(*usage.completion_tokens) * price->second.completion) /
         1e6;
}

Access resolve_access(const RestemConfig& config, const RestemContext& context,
                      const Provider& provider) {
  Access access;
  access.endpoint.api = provider.api;
  access.endpoint.extra = provider.extra;
  access.endpoint.stream = config.stream;
  access.endpoint.context_tokens = config.context_tokens;
  access.model = config.model.empty() ? provider.model : config.model;
  access.endpoint.base_url = config.base_url.empty() ? provider.base_url : config.base_url;
  if (provider.key.empty())
    return access;
  const auto secret = context.secret ? context.secret(provider.key) : std::nullopt;
  const bool project_url =
      !config.base_url.empty() && context.base_url_layer == Layer::project_file;
  if (secret && !project_url)
    access.endpoint.api_key = *secret;
  else if (!loopback(access.endpoint.base_url)) {
    if (secret)
      refuse_project_url(config, provider);
    refuse_missing_key(config, provider);
  }
  return access;
}

} // namespace quill::loop
