#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/judge/evaluate.hpp"

namespace quill::judge {

namespace {

constexpr double kDayMs = 86'400'000;
/// DuckDB and PostgreSQL get so many times the time for so many times fewer databases.
constexpr std::int64_t kSlowerProof = 5;

/// VM steps that stand for one millisecond of --timeout under --measure steps.
constexpr std::int64_t kStepsPerMs = 50'000;
/// Behind the step limit stands a clock that only a statement stuck inside one step meets.
constexpr std::int64_t kWallFactor = 10;
constexpr std::int64_t kWallMsMin = 60'000;

} // namespace

void JudgeConfig::run_fields(FieldList& list) {
  list.add_shared(
          "judge.timeout", "--timeout", &timeout_s,
          fmt::format("longest run of a statement (default {:g})", double(timeout_ms) / 1000))
      .in("s")
      .range(0.001, kDayMs / 1000);
  list.add_shared("judge.timeout_ms", "--timeout-ms", &timeout_ms,
                  "the same in milliseconds; --timeout goes before it")
      .in("ms")
      .range(1, kDayMs);
  list.add_shared("judge.memory_mb", "--memory-mb", &memory_mb,
                  "memory of a running statement, the database itself not counted")
      .in("MB")
      .range(1, 1 << 20);
  list.add_shared("judge.trust", "--trust", &trust,
                  "full: the pair is also proved on small databases made to tell it apart; fast: "
                  "compared on the given database alone")
      .one_of({"fast", "full"});
  list.add_shared("judge.proof_ms", "--proof-ms", &proof_ms,
                  "processor time of the longest proof of a pair; under --measure steps as many "
                  "databases as it takes")
      .in("ms")
      .range(1, kDayMs);
  list.add_shared(
          "judge.timing", "--timing", &timing,
          "3run: drop the first, average two; trimmed5: drop the fastest and the slowest of "
          "five; sequential: blocks of trimmed5 until it is decided, eight at most")
      .one_of({"3run", "trimmed5", "sequential"});
  list.add_shared("judge.measure", "--measure", &measure,
                  "the clock, or SQLite's VM steps, which repeat exactly")
      .one_of({"time", "steps"});
}

void JudgeConfig::fields(FieldList& list) {
  run_fields(list);
  list.add_shared("judge.reward", "--reward", &reward, "what a speedup is worth")
      .one_of({"log", "table"});
  list.add_shared(
          "judge.readability", "--judge", &readability,
          "who judges readability: nobody, its measured structure, or a model (asked in both "
          "orders)")
      .one_of({"off", "offline", "llm"});
  list.add_shared("judge.threshold", "--threshold", &threshold,
                  "least reward of a kept pair (default 0.5 for log, 0.25 for table)")
      .range(0, 2);
  list.add_shared("judge.min_speedup", "--min-speedup", &min_speedup,
                  "least speedup of a kept pair")
      .at_least(1);
}

void JudgeConfig::check() const {
  const double most = reward_of(INFINITY, kReadabilityMax, scheme());
  if (threshold_in_force() > most)
    throw Error{Exit::usage,
                {.what = fmt::format("threshold {} is above the largest reward, {}",
                                     threshold_in_force(), most),
                 .where = "--threshold",
                 .fix = fmt::format("give one up to {}; the default of --reward {} is {}", most,
                                    reward, default_threshold(scheme()))}};
}

ProofOptions JudgeConfig::proof_options(engine::Engine engine) const {
  ProofOptions out;
  out.engine = engine;
  out.server = server;
  out.budget_ms = proof_ms;
  if (engine != engine::Engine::sqlite) { // a small database takes them ten times as long
    out.budget_ms *= kSlowerProof;
    out.databases_max /= kSlowerProof;
  }
  out.use_clock = measure == "time";
  return out;
}

std::int64_t JudgeConfig::limit_ms() const {
  return timeout_s ? std::max<std::int64_t>(std::llround(*timeout_s * 1000), 1) : timeout_ms;
}

engine::Limits JudgeConfig::limits() const {
  engine::Limits limits{
      .rows = 0, .timeout_ms = limit_ms(), .memory_mb = memory_mb, .result_mb = 0};
  if (measure == "steps") {
    limits.steps = limit_ms() * kStepsPerMs;
    limits.timeout_ms = std::max(limit_ms() * kWallFactor, kWallMsMin);
  }
  return limits;
}

RewardScheme JudgeConfig::scheme() const {
  return reward == "log" ? RewardScheme::log : RewardScheme::table;
}

double JudgeConfig::threshold_in_force() const {
  return threshold.value_or(default_threshold(scheme()));
}

} // namespace quill::judge
