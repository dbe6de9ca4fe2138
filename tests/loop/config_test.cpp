#include "quill/loop/restem.hpp"

#include "catch.hpp"

#include <algorithm>

#include "loop/provider.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/http.hpp"

using namespace quill;
using loop::RestemConfig;

namespace {

template <class Action> ErrorText refusal(Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.exit() == Exit::usage);
    return error.text();
  }
  FAIL("accepted");
  return {};
}

ErrorText refusal(const RestemConfig& config) {
  return refusal([&] { config.check(); });
}

class NoHttp final : public HttpClient {
 public:
  Result<HttpReply, HttpFailure> send(const HttpRequest&, const Cancel&) override {
    return HttpFailure{HttpFailure::Kind::connect, "no network in tests"};
  }
};

struct World {
  Cancel cancel;
  ManualClock clock;
  NoHttp http;
  loop::RestemContext context{.cancel = cancel,
                              .clock = clock,
                              .http = http,
                              .secret = [](std::string_view) { return "sk-secret-key"; },
                              .base_url_layer = Layer::preset,
                              .command_line = "",
                              .on_iteration = {}};
};

const loop::Provider kOpenAi{.base_url = "https://api.openai.com/v1",
                             .model = "gpt-4o-mini",
                             .key = "OPENAI_API_KEY",
                             .prices = {{"gpt-4o-mini", {0.15, 0.60, 0.075}}}};

} // namespace

TEST_CASE("the defaults are those of the seeds", "[loop]") {
  const RestemConfig config;
  CHECK(config.iterations == 50);
  CHECK(config.candidates == 5);
  CHECK(config.checkpoint_every == 10);
  CHECK(config.judge.limit_ms() == 10'000);
  CHECK(config.provider == "rules");
  config.check();
}

TEST_CASE("every setting has a help text and a flag of its own", "[loop]") {
  RestemConfig config;
  FieldList list("restem");
  config.fields(list);
  std::vector<std::string> flags;
  for (const Field& field : list.all()) {
    INFO(field.key);
    CHECK_FALSE(field.help.empty());
    CHECK(field.flag.starts_with("--"));
    flags.push_back(field.flag);
  }
  for (const char* flag : {"--db",          "--blueprint",    "--examples",
                           "--provider",    "--model",        "--stage",
                           "--iterations",  "--candidates",   "--target-examples",
                           "--few-shot",    "--temperature",  "--threshold",
                           "--min-speedup", "--timeout",      "--reward",
                           "--timing",      "--measure",      "--judge",
                           "--trust",       "--require-kept", "--require-success",
                           "--out",         "--resume",       "--seed",
                           "--frozen-pool"})
    CHECK(std::count(flags.begin(), flags.end(), flag) == 1);
}

TEST_CASE("what later versions bring is refused by name", "[loop]") {
  RestemConfig config;
  config.provider = "replay";
  CHECK(refusal(config).what == "the provider \"replay\" comes with a later version");
  CHECK(refusal(config).fix == "use one of rules, openai, deepseek, openrouter, anthropic, ollama");
  config.provider = "opnai";
  CHECK(refusal(config).what == "unknown provider \"opnai\"");
  CHECK(
      refusal(config).fix ==
      "did you mean \"openai\"? Known are rules, openai, deepseek, openrouter, anthropic, ollama");
  config = {};
  config.stage = 2;
  CHECK(refusal(config).what == "stage 2 is not part of this version");
}

TEST_CASE("a database and a blueprint exclude each other", "[loop]") {
  RestemConfig config;
  config.db = "x.db";
  config.blueprint = "shop";
  CHECK(refusal(config).what == "both a database and a blueprint are given");
}

TEST_CASE("a provider's defaults fill what is not given", "[loop]") {
  World world;
  RestemConfig config;
  config.provider = "openai";
  const auto access = resolve_access(config, world.context, kOpenAi);
  CHECK(access.model == "gpt-4o-mini");
  CHECK(access.endpoint.base_url == "https://api.openai.com/v1");
  CHECK(access.endpoint.api_key == "sk-secret-key");
}

TEST_CASE("a base URL from a project file never receives a key", "[loop]") {
  World world;
  RestemConfig config;
  config.provider = "openai";
  config.base_url = "https://elsewhere.example/v1";
  world.context.base_url_layer = Layer::project_file;
  const ErrorText text = refusal([&] { (void)resolve_access(config, world.context, kOpenAi); });
  CHECK(text.what == "the base URL \"https://elsewhere.example/v1\" comes from a project file, so "
                     "it gets no key");
  CHECK(text.fix == "give the same URL with --base-url or QUILL_LLM_BASE_URL to send "
                    "OPENAI_API_KEY there");

  config.base_url = "http://127.0.0.1:8000/v1"; // a server here needs no key
  CHECK(resolve_access(config, world.context, kOpenAi).endpoint.api_key.empty());

  config.base_url = "https://elsewhere.example/v1";
  world.context.base_url_layer = Layer::flag;
  CHECK(resolve_access(config, world.context, kOpenAi).endpoint.api_key == "sk-secret-key");
}

TEST_CASE("a host that only begins like this machine is not this machine", "[loop]") {
  World world;
  world.context.secret = [](std::string_view) { return std::nullopt; };
  RestemConfig config;
  config.provider = "openai";
  config.base_url = "http://localhost.evil.example/v1";
  (void)refusal([&] { (void)resolve_access(config, world.context, kOpenAi); });
  config.base_url = "http://localhost:8000/v1";
  CHECK(resolve_access(config, world.context, kOpenAi).endpoint.api_key.empty());
}

TEST_CASE("a missing key is named with the way out", "[loop]") {
  World world;
  world.context.secret = [](std::string_view) { return std::nullopt; };
  RestemConfig config;
  config.provider = "openai";
  const ErrorText text = refusal([&] { (void)resolve_access(config, world.context, kOpenAi); });
  CHECK(text.what == "the provider \"openai\" needs a key");
  CHECK(text.where == "environment variable OPENAI_API_KEY (or .env)");
  CHECK(text.fix == "set OPENAI_API_KEY, or use --provider rules, which needs none");
}

TEST_CASE("cost is tokens times price, and unknown stays unknown", "[loop]") {
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

TEST_CASE("the shipped providers load, each with an address and a model", "[loop]") {
  for (const std::string& name : loop::provider_names()) {
    if (name == "rules")
      continue;
    const loop::Provider provider = loop::load_provider(name);
    CHECK(provider.base_url.starts_with("http"));
    CHECK_FALSE(provider.model.empty());
    CHECK(provider.key.empty() == (name == "ollama"));
    CHECK(provider.prices.count("*") + provider.prices.count(provider.model) == 1);
  }
  CHECK(loop::load_provider("openai").model == "gpt-4o-mini");
}
