#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "loop/provider.hpp"
#include "quill/loop/restem.hpp"

namespace quill::loop {

namespace {

constexpr std::array kLaterProviders{"local", "replay"};

[[noreturn]] void refuse(const std::string& what, const std::string& where,
                         const std::string& fix) {
  throw Error{Exit::usage, {.what = what, .where = where, .fix = fix}};
}

void check_provider(const std::string& provider) {
  const std::vector<std::string> known = provider_names();
  if (std::find(known.begin(), known.end(), provider) != known.end())
    return;
  if (std::find(kLaterProviders.begin(), kLaterProviders.end(), provider) != kLaterProviders.end())
    refuse(fmt::format("the provider \"{}\" comes with a later version", provider),
           "setting llm.provider", fmt::format("use one of {}", fmt::join(known, ", ")));
  const std::string nearest = nearest_word(provider, known);
  refuse(fmt::format("unknown provider \"{}\"", provider), "setting llm.provider",
         nearest.empty()
             ? fmt::format("use one of {}", fmt::join(known, ", "))
             : fmt::format("did you mean \"{}\"? Known are {}", nearest, fmt::join(known, ", ")));
}

} // namespace

void RestemConfig::fields(FieldList& list) {
  list.add("db", &db, "the SQLite database; default data/test.db when no blueprint is given");
  list.add("blueprint", &blueprint,
           "build the database in the run folder from this blueprint (shipped name or file)");
  list.add("examples", &examples, "seed examples; default: the shipped twenty");
  list.add_shared("llm.provider", "--provider", &provider,
                  "who proposes: rules (built in, no key), openai, deepseek, openrouter, "
                  "anthropic or ollama");
  list.add_shared("llm.model", "--model", &model, "model name; default by provider");
  list.add_shared("llm.base_url", "--base-url", &base_url,
                  "base URL of the model's server; default by provider");
  list.add_shared("llm.stream", "--stream", &stream,
                  "have answers sent word by word: a dead connection is seen sooner");
  list.add_shared("llm.context_tokens", "--context-tokens", &context_tokens,
                  "context of an ollama model; other servers set their own")
      .in("tokens")
      .range(512, 10'000'000);
  list.add("stage", &stage, "1: faster forms of the seed queries");
  list.add("iterations", &iterations, "iterations of the loop").range(0, 1'000'000);
  list.add("candidates", &candidates, "candidates asked for in each iteration").range(1, 1'000);
  list.add("target_examples", &target_examples,
           "stop after so many distinct kept examples; 0 goes on to the last iteration")
      .at_least(0);
  list.add("few_shot", &few_shot, "solved examples shown to a model").range(0, 50);
  list.add("temperature", &temperature, "sampling temperature of a model").range(0, 2);
  judge.fields(list);
  list.add("seed", &seed, "seed of everything random").at_least(0);
  list.add("frozen_pool", &frozen_pool,
           "proposer and prompts see the seed examples only, to compare with a run that learns");
  list.add("require_kept", &require_kept, "exit 1 when fewer candidates are kept").at_least(0);
  list.add("require_success", &require_success, "exit 1 when the success rate is lower")
      .range(0, 1);
  list.add("out", &out, "run folder");
  list.add("resume", &resume, "go on with the run in the run folder");
  list.add("checkpoint_every", &checkpoint_every, "iterations between two checkpoints")
      .in("iterations")
      .at_least(1);
}

void RestemConfig::check() const {
  judge.check();
  check_provider(provider);
  if (stage != 1)
    refuse(fmt::format("stage {} is not part of this version", stage), "setting restem.stage",
           "use --stage 1");
  if (!db.empty() && !blueprint.empty())
    refuse("both a database and a blueprint are given",
           fmt::format("--db \"{}\", --blueprint \"{}\"", db.string(), blueprint),
           "give one of the two");
  if (out.empty())
    refuse("the run folder has no name", "setting restem.out", "give --out FOLDER");
}

} // namespace quill::loop
