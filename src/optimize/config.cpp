#include "quill/optimize/config.hpp"

#include <map>

namespace quill::optimize {

namespace {

constexpr std::int64_t kTimeoutMs = 300'000;
/// A candidate this many times slower than the query is stopped.
constexpr double kSlowestAfter = 2;
constexpr double kWin = 1.10;

std::int64_t workers_of(const std::string& mode) {
  static const std::map<std::string, std::int64_t> kWorkers{
      {"single", 5}, {"standard", 3}, {"expert", 1}, {"swarm", 4}};
  return kWorkers.at(mode);
}

} // namespace

OptimizeConfig::OptimizeConfig() {
  judge.timeout_ms = kTimeoutMs;
  judge.slowest_after = kSlowestAfter;
  judge.min_speedup = kWin; // what the clock's sequential test decides
  judge.readability = "off";
}

void OptimizeConfig::fields(FieldList& list) {
  list.add("mode", &mode,
           "single: candidates of one prompt; standard: the same, and what was learned is read "
           "and kept; expert: one worker, an analyst reads each failure and steers; swarm: four "
           "strategies, then a snipe from the best")
      .one_of({"single", "standard", "expert", "swarm"});
  list.add("workers", &workers,
           "candidates (default: single 5, standard 3; expert has 1 and swarm 4)")
      .range(1, 64);
  list.add("max_iterations", &max_iterations, "most tries of expert; with 1 swarm does not snipe")
      .range(1, 100);
  list.add("target_speedup", &target_speedup, "expert stops when this is proven").at_least(1);
  list.add("temperature", &temperature, "how freely the model writes").range(0, 2);
  list.add("seed", &seed, "seed of the rules' draws").at_least(0);
  list.add("out", &out, "folder for prompts, answers, verdicts, history and learnings");
  list.add("no_artifacts", &no_artifacts, "leave no files behind, and read no learnings");
  judge.run_fields(list);
}

void OptimizeConfig::check() const {
  if (workers && (mode == "expert" || mode == "swarm") && *workers != workers_of(mode))
    throw Error{Exit::usage,
                {.what = "mode " + mode + " always has " + std::to_string(workers_of(mode)) +
                         " worker" + (workers_of(mode) == 1 ? "" : "s"),
                 .where = "--workers " + std::to_string(*workers),
                 .fix = "leave --workers out, or use --mode standard"}};
}

std::int64_t OptimizeConfig::workers_in_force() const {
  return workers.value_or(workers_of(mode));
}

} // namespace quill::optimize
