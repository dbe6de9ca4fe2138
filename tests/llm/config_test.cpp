#include "quill/llm/config.hpp"

#include "catch.hpp"

#include "quill/core/files.hpp"
#include "refusal.hpp"

using namespace quill;
using llm::ModelConfig;
using quill::test::refusal;

namespace {

llm::KeyRing key_ring(Layer layer = Layer::preset) {
  return {.secret = [](std::string_view) { return "sk-secret-key"; }, .base_url_layer = layer};
}
llm::KeyRing no_keys() {
  return {.secret = [](std::string_view) { return std::nullopt; }, .base_url_layer = Layer::preset};
}

const llm::Provider kOpenAi{.base_url = "https://api.openai.com/v1",
                            .model = "gpt-4o-mini",
                            .key = "OPENAI_API_KEY",
                            .prices = {{"gpt-4o-mini", {0.15, 0.60, 0.075}}}};

ModelConfig openai_at(const std::string& base_url = "") {
  ModelConfig config;
  config.provider = "openai";
  config.base_url = base_url;
  return config;
}

} // namespace

TEST_CASE("a provider's defaults fill what is not given", "[llm]") {
  const auto access = resolve_access(openai_at(), key_ring(), kOpenAi);
  CHECK(access.model == "gpt-4o-mini");
  CHECK(access.endpoint.base_url == "https://api.openai.com/v1");
  CHECK(access.endpoint.api_key == "sk-secret-key");
}

TEST_CASE("a base URL from a project file never receives a key", "[llm]") {
  const std::string elsewhere = "https://elsewhere.example/v1";
  const ErrorText text = refusal(Exit::usage, [&] {
    (void)resolve_access(openai_at(elsewhere), key_ring(Layer::project_file), kOpenAi);
  });
  CHECK(text.what == "the base URL \"https://elsewhere.example/v1\" comes from a project file, so "
                     "it gets no key");
  CHECK(text.fix == "give the same URL with --base-url or QUILL_LLM_BASE_URL to send "
                    "OPENAI_API_KEY there");
  const auto here =
      resolve_access(openai_at("http://127.0.0.1:8000/v1"), key_ring(Layer::project_file), kOpenAi);
  CHECK(here.endpoint.api_key.empty()); // a server on this machine needs no key
  const auto by_flag = resolve_access(openai_at(elsewhere), key_ring(Layer::flag), kOpenAi);
  CHECK(by_flag.endpoint.api_key == "sk-secret-key");
}

TEST_CASE("a host that only begins like this machine is not this machine", "[llm]") {
  (void)refusal(Exit::usage, [&] {
    (void)resolve_access(openai_at("http://localhost.evil.example/v1"), no_keys(), kOpenAi);
  });
  const auto access = resolve_access(openai_at("http://localhost:8000/v1"), no_keys(), kOpenAi);
  CHECK(access.endpoint.api_key.empty());
}

TEST_CASE("a missing key is named with the way out", "[llm]") {
  const ErrorText text =
      refusal(Exit::usage, [&] { (void)resolve_access(openai_at(), no_keys(), kOpenAi); });
  CHECK(text.what == "the provider \"openai\" needs a key");
  CHECK(text.where == "environment variable OPENAI_API_KEY (or .env)");
  CHECK(text.fix == "set OPENAI_API_KEY, or use --provider rules, which needs none");
}

TEST_CASE("cost is tokens times price, and unknown stays unknown", "[llm]") {
  llm::Usage usage;
  usage.prompt_tokens = 1'000'000;
  usage.completion_tokens = 500'000;
  CHECK(*cost_usd(kOpenAi, "gpt-4o-mini", usage) == Approx(0.15 + 0.30)); // 1 M in, 0.5 M out
  CHECK_FALSE(cost_usd(kOpenAi, "another", usage));
  usage.cached_tokens = 400'000; // at half the price: 0.6 M at 0.15, 0.4 M at 0.075
  CHECK(*cost_usd(kOpenAi, "gpt-4o-mini", usage) == Approx(0.09 + 0.03 + 0.30));
  usage.completion_tokens.reset();
  CHECK_FALSE(cost_usd(kOpenAi, "gpt-4o-mini", usage));
}

TEST_CASE("the shipped providers load, each with an address, a model and its price", "[llm]") {
  for (const std::string& name : llm::provider_names()) {
    const llm::Provider provider = llm::load_provider(name);
    INFO(name);
    CHECK(provider.base_url.starts_with("http"));
    CHECK(provider.model.empty() == (name == "vllm")); // its server has one, whatever it is
    CHECK(provider.key.empty() == (name == "ollama" || name == "vllm"));
    CHECK(llm::price_of(provider, provider.model));
    CHECK(provider.prices_as_of.starts_with("20"));
  }
  CHECK(llm::load_provider("openai").model == "gpt-4o-mini");
}

TEST_CASE("a user's own providers file stands in place of the shipped one", "[llm]") {
  const ScratchFolder folder;
  const auto file = folder.path() / "mine.json";
  real_disk().write_atomic(file, R"json({"format_version": 1, "as_of": "2030-01-02", "providers": {
    "house": {"api": "openai", "base_url": "http://127.0.0.1:9/v1", "key": null, "model": "m",
              "json": "object", "prices": {"m": {"prompt": 1, "completion": 2}}}}})json");
  CHECK(llm::provider_names(file) == std::vector<std::string>{"house"});
  const llm::Provider house = llm::load_provider("house", file);
  CHECK(house.json == llm::JsonAnswers::object);
  CHECK(*cost_usd(house, "m",
                  {.prompt_tokens = 1'000'000, .completion_tokens = 0, .cached_tokens = {}}) ==
        Approx(1));
  ModelConfig config;
  config.providers = file;
  config.provider = "openai";
  CHECK(refusal(Exit::usage, [&] { config.check({"rules"}); }).fix == "use one of rules, house");
}

TEST_CASE("a provider without a default model wants one named", "[llm]") {
  ModelConfig config;
  config.provider = "vllm";
  CHECK(refusal(Exit::usage, [&] {
          (void)resolve_access(config, no_keys(), llm::load_provider("vllm"));
        }).what == "the provider \"vllm\" has no default model");
}
