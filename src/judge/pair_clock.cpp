#include "judge/pair_clock.hpp"

#include <algorithm>

namespace quill::judge {

namespace {

/// A sample shorter than this drowns in the clock's own jitter and in one exchange with the worker
/// (about 0.1 ms); longer ones only cost time.
constexpr double kSampleMsMin = 4;

/// Blocks of samples at most: a speedup that three blocks leave open stays what they say.
constexpr std::size_t kBlocksMax = 3;

/// VM steps that stand for one millisecond of --timeout under --measure steps.
constexpr std::int64_t kStepsPerMs = 50'000;
/// Behind the step limit stands a clock that only a statement stuck inside one step meets.
constexpr std::int64_t kWallFactor = 10;
constexpr std::int64_t kWallMsMin = 60'000;

std::size_t samples_of(Timing timing) {
  return timing == Timing::three_run ? 3 : 5;
}

Centre centre_of(Timing timing, const std::vector<double>& samples) {
  return timing == Timing::three_run ? after_first(samples) : trimmed(samples);
}

} // namespace

Pace Pace::of(const JudgeConfig& config) {
  Pace pace;
  pace.timing = config.timing == "3run" ? Timing::three_run : Timing::trimmed5;
  pace.measure = config.measure == "steps" ? Measure::steps : Measure::time;
  pace.limits.rows = 0;
  pace.limits.result_mb = 0;
  pace.limits.memory_mb = config.memory_mb;
  pace.limits.timeout_ms = config.limit_ms();
  pace.sample_ms_min = kSampleMsMin;
  if (pace.measure == Measure::steps) {
    pace.limits.steps = config.limit_ms() * kStepsPerMs;
    pace.limits.timeout_ms = std::max(config.limit_ms() * kWallFactor, kWallMsMin);
    pace.sample_ms_min = 0;
  }
  return pace;
}

const engine::Sample& PairClock::start_before(Statement before) {
  return start(before_, std::move(before));
}

const engine::Sample& PairClock::start_after(Statement after) {
  return start(after_, std::move(after));
}

const engine::Sample& PairClock::start(Runner& runner, Statement statement) {
  runner.statement = std::move(statement);
  runner.first = run(runner);
  runner.samples = {runner.first.elapsed_ms};
  return runner.first;
}

engine::Sample PairClock::run(const Runner& runner) {
  auto sample = session_.sample(runner.statement.sql, pace_.limits, runner.statement.side,
                                pace_.sample_ms_min);
  engine_ms_ += sample.total_ms;
  return sample;
}

/// One more sample of a side, which must give the rows it gave before.
bool PairClock::repeat(Runner& runner) {
  auto sample = run(runner);
  if (sample.status != engine::Status::ok || sample.digest.bag[0] != runner.first.digest.bag[0] ||
      sample.digest.bag[1] != runner.first.digest.bag[1]) {
    trouble_ = {.of_before = &runner == &before_, .sample = std::move(sample)};
    return false;
  }
  runner.samples.push_back(sample.elapsed_ms);
  return true;
}

/// Fills the block at hand: the sides take turns, so that a slower minute of the machine meets
/// both.
bool PairClock::block() {
  const std::size_t wanted = samples_of(pace_.timing);
  while (after_.samples.size() < wanted) {
    if (before_.samples.size() < wanted && before_.samples.size() == after_.samples.size() &&
        !repeat(before_))
      return false;
    if (!repeat(after_))
      return false;
  }
  for (Runner* runner : {&before_, &after_}) {
    runner->blocks.push_back(centre_of(pace_.timing, runner->samples));
    runner->samples.clear();
  }
  return true;
}

Clocked PairClock::clocked() const {
  const Centre before = pooled(before_.blocks);
  const Centre after = pooled(after_.blocks);
  return {.before = before.mean, .after = after.mean, .speedup = speedup_of(before, after)};
}

/// Steps repeat exactly: one run each says it all, without noise.
Clocked PairClock::counted() const {
  const auto before = static_cast<double>(before_.first.steps);
  const auto after = static_cast<double>(after_.first.steps);
  return {.before = before,
          .after = after,
          .speedup = {.ratio = std::max(before, 1.0) / std::max(after, 1.0), .noise = 0}};
}

std::optional<Clocked> PairClock::finish(double bar) {
  if (pace_.measure == Measure::steps)
    return counted();
  do {
    if (!block())
      return std::nullopt;
  } while (before_.blocks.size() < kBlocksMax && clocked().speedup.undecided(bar));
  return clocked();
}

} // namespace quill::judge
