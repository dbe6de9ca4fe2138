#include "quill/loop/restem.hpp"

#include "catch.hpp"
#include "refusal.hpp"

#include <algorithm>

using namespace quill;
using loop::RestemConfig;
using quill::test::refusal;

namespace {

ErrorText refusal_of(const RestemConfig& config) {
  return refusal(Exit::usage, [&] { config.check(); });
}

} // namespace

TEST_CASE("the defaults are those of the seeds", "[loop]") {
  const RestemConfig config;
  CHECK(config.iterations == 50);
  CHECK(config.candidates == 5);
  CHECK(config.checkpoint_every == 10);
  CHECK(config.judge.limit_ms() == 10'000);
  CHECK(config.llm.provider == "rules");
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
                           "--frozen-pool", "--concurrency",  "--ahead"})
    CHECK(std::count(flags.begin(), flags.end(), flag) == 1);
}

TEST_CASE("several blueprints are for stage 2, which has a folder of its own", "[loop]") {
  RestemConfig config;
  CHECK(config.folder() == "data/stage1");
  config.blueprint = "shop,forum";
  CHECK(refusal_of(config).what ==
        "stage 1 asks about the seed queries, which belong to one database");
  config.stage = 2;
  config.check();
  CHECK(config.folder() == "data/stage2");
}

TEST_CASE("an unknown provider is refused with the nearest known one", "[loop]") {
  RestemConfig config;
  config.llm.provider = "opnai";
  CHECK(refusal_of(config).what == "unknown provider \"opnai\"");
  CHECK(refusal_of(config).fix ==
        "did you mean \"openai\"? Known are rules, local, replay, openai, deepseek, "
        "openrouter, anthropic, ollama, vllm");
}

TEST_CASE("a model is asked ahead as far as fills its concurrency, rules never", "[loop]") {
  RestemConfig config;
  config.llm.concurrency = 64;
  config.candidates = 5;
  CHECK(config.ahead_in_force() == 0);
  config.llm.provider = "openai";
  CHECK(config.ahead_in_force() == 13); // 14 iterations of 5: 64 in flight, 6 waiting
  config.llm.concurrency = 5;           // one iteration in flight, one waiting
  CHECK(config.ahead_in_force() == 1);
  config.ahead = 3;
  CHECK(config.ahead_in_force() == 3);
}

TEST_CASE("a database and a blueprint exclude each other", "[loop]") {
  RestemConfig config;
  config.db = "x.db";
  config.blueprint = "shop";
  CHECK(refusal_of(config).what == "both a database and a blueprint are given");
}
