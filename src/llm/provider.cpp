#include "quill/llm/provider.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/files.hpp"

namespace quill::llm {

namespace {

std::string text_or_empty(const JsonObject& object, std::string_view key) {
  return object.has(key) && !object.at(key).is_null() ? object.text(key) : std::string{};
}

Price read_price(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  Price price{.prompt = object.number("prompt"), .completion = object.number("completion")};
  if (object.has("cached"))
    price.cached = object.number("cached");
  return price;
}

Provider read_provider(const Json& value, const std::string& where) {
  const JsonObject object(value, where);
  object.refuse_unknown({"api", "base_url", "key", "model", "json", "extra", "prices"});
  Provider provider;
  provider.api = api_named(object.text("api"), where + ": api");
  provider.base_url = object.text("base_url");
  provider.model = text_or_empty(object, "model");
  provider.key = text_or_empty(object, "key");
  provider.json = json_answers_named(object.text_or("json", "none"), where + ": json");
  if (object.has("extra"))
    provider.extra = object.at("extra");
  for (const auto& [model, price] : object.at("prices").items())
    provider.prices[model] = read_price(price, fmt::format("{}: prices.{}", where, model));
  return provider;
}

/// The document, its version checked.
Json read_document(const std::filesystem::path& file) {
  const std::string where = file.string();
  Json document = parse_json(read_file(file), where);
  const std::int64_t version = JsonObject(document, where).integer_or("format_version", 0);
  if (version != kFormatVersion)
    throw Error{Exit::usage,
                {fmt::format("format_version {} is not known", version), where,
                 fmt::format("write \"format_version\": {}", kFormatVersion)}};
  return document;
}

} // namespace

std::filesystem::path providers_file(const std::filesystem::path& file) {
  return file.empty() ? shipped_folder() / "providers.json" : file;
}

std::vector<std::string> provider_names(const std::filesystem::path& file) {
  const std::filesystem::path path = providers_file(file);
  const Json document = read_document(path);
  std::vector<std::string> names;
  for (const auto& [name, provider] : JsonObject(document, path.string()).at("providers").items())
    names.push_back(name);
  return names;
}

Provider load_provider(const std::string& name, const std::filesystem::path& file) {
  const std::string where = providers_file(file).string();
  const Json document = read_document(where);
  const JsonObject top(document, where);
  const JsonObject providers(top.at("providers"), where + ": providers");
  Provider provider = read_provider(providers.at(name), where + ": " + name);
  provider.prices_as_of = top.text_or("as_of", "");
  return provider;
}

std::optional<Price> price_of(const Provider& provider, const std::string& model) {
  auto price = provider.prices.find(model);
  if (price == provider.prices.end())
    price = provider.prices.find("*");
  return price == provider.prices.end() ? std::nullopt : std::optional(price->second);
}

std::optional<double> cost_usd(const Provider& provider, const std::string& model,
                               const Usage& usage) {
  const auto price = price_of(provider, model);
  if (!price || !usage.prompt_tokens || !usage.completion_tokens)
    return std::nullopt;
  const auto prompt = static_cast<double>(*usage.prompt_tokens);
  const double cached = std::min(static_cast<double>(usage.cached_tokens.value_or(0)), prompt);
  return ((prompt - cached) * price->prompt + cached * price->cached.value_or(price->prompt) +
          static_cast<double>(*usage.completion_tokens) * price->completion) /
         1e6;
}

} // namespace quill::llm
