#include <fmt/format.h>

#include "quill/loop/restem.hpp"

namespace quill::loop {

namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& where,
                         const std::string& fix) {
  throw Error{Exit::usage, {.what = what, .where = where, .fix = fix}};
}

} // namespace

void RestemConfig::fields(FieldList& list) {
  list.add("db", &db, "the SQLite database; default data/test.db when no blueprint is given");
  list.add("blueprint", &blueprint,
           "build the database in the run folder from this blueprint (shipped name or file); stage "
           "2 takes several, shop,forum,taxi, or all that are not held out");
  list.add("examples", &examples, "seed examples; default: the shipped twenty");
  llm.fields(list);
  list.add(
          "stage", &stage,
          "1: faster forms of the seed queries; 2: a new slow query each iteration, written by the "
          "model, or without one by the built-in pessimiser")
      .range(1, 2);
  list.add("iterations", &iterations, "iterations of the loop").range(0, 1'000'000);
  list.add("candidates", &candidates, "candidates asked for in each iteration").range(1, 1'000);
  list.add("target_examples", &target_examples,
           "stop after so many distinct kept examples; 0 goes on to the last iteration")
      .at_least(0);
  list.add("few_shot", &few_shot, "solved examples shown to a model").range(0, 50);
  list.add("ahead", &ahead,
           "iterations a model is asked about before those before them are judged, so that it is "
           "never idle; their prompts know that much less; default: what fills "
           "--concurrency and one more")
      .range(0, 1'000);
  list.add("temperature", &temperature, "sampling temperature of a model").range(0, 2);
  judge.fields(list);
  list.add("judge_provider", &judge_provider,
           "who judges with --judge llm when rules propose; else the proposer's provider does");
  list.add("seed", &seed, "seed of everything random").at_least(0);
  list.add("frozen_pool", &frozen_pool,
           "proposer and prompts see the seed examples only, to compare with a run that learns");
  list.add("require_kept", &require_kept, "exit 1 when fewer candidates are kept").at_least(0);
  list.add("require_success", &require_success, "exit 1 when the success rate is lower")
      .range(0, 1);
  list.add("out", &out, "run folder; default data/stage1 or data/stage2");
  list.add("resume", &resume, "go on with the run in the run folder");
  list.add("dry_run", &dry_run,
           "show the first prompt and what the run may cost; nothing is sent or written");
  list.add("checkpoint_every", &checkpoint_every, "iterations between two checkpoints")
      .in("iterations")
      .at_least(1);
}

std::filesystem::path RestemConfig::folder() const {
  return out.empty() ? std::filesystem::path(fmt::format("data/stage{}", stage)) : out;
}

void RestemConfig::check() const {
  judge.check();
  llm.check({"rules", "local", "replay"});
  check_judge();
  if (stage == 1 && (blueprint == "all" || blueprint.find(',') != std::string::npos))
    refuse("stage 1 asks about the seed queries, which belong to one database",
           fmt::format("--blueprint \"{}\"", blueprint), "give one blueprint, or --stage 2");
  if (!db.empty() && !blueprint.empty())
    refuse("both a database and a blueprint are given",
           fmt::format("--db \"{}\", --blueprint \"{}\"", db.string(), blueprint),
           "give one of the two");
}

void RestemConfig::check_judge() const {
  const bool rules = llm.provider == "rules";
  if (judge.readability == "llm" && rules && judge_provider.empty())
    refuse("no model is there to judge readability", "--judge llm",
           "name one with --judge-provider (rules propose), or use --judge offline");
  if (!judge_provider.empty() && (!rules || judge.readability != "llm"))
    refuse(fmt::format("the judge's provider \"{}\" would never be asked", judge_provider),
           "setting restem.judge_provider",
           "leave it out: it is for --provider rules with --judge llm");
}

std::int64_t RestemConfig::ahead_in_force() const {
  if (llm.provider == "rules" || stage == 2) // what is asked next depends on what was kept
    return 0;
  return ahead.value_or((llm.concurrency + candidates - 1) / candidates);
}

} // namespace quill::loop
