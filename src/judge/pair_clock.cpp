#include "judge/pair_clock.hpp"

#include <algorithm>
#include <cmath>

#include "judge/sequential.hpp"

namespace quill::judge {

namespace {

/// A sample shorter than this drowns in the clock's own jitter and in one exchange with the worker
/// (about 0.1 ms); longer ones only cost time.
constexpr double kSampleMsMin = 2;

/// A pair whose runs took this long is given no further block, however open it is.
constexpr double kPatienceMs = 30'000;

std::size_t samples_of(Timing timing) {
  return timing == Timing::three_run ? 3 : 5;
}

Timing timing_of(const std::string& name) {
  if (name == "3run")
    return Timing::three_run;
  return name == "trimmed5" ? Timing::trimmed5 : Timing::sequential;
}

bool same_rows(const engine::Sample& a, const engine::Sample& b) {
  return a.digest.bag[0] == b.digest.bag[0] && a.digest.bag[1] == b.digest.bag[1];
}

/// The mean of the blocks' logarithms, so that before / after is the mean ratio of the blocks.
double geometric_mean(const std::vector<Centre>& blocks) {
  if (blocks.size() == 1)
    return blocks.front().mean;
  double sum = 0;
  for (const Centre& block : blocks)
    sum += std::log(std::max(block.mean, kClockFloor));
  return std::exp(sum / static_cast<double>(blocks.size()));
}

} // namespace

Pace Pace::of(const JudgeConfig& config) {
  Pace pace;
  pace.timing = timing_of(config.timing);
  pace.measure = config.measure == "steps" ? Measure::steps : Measure::time;
  pace.limits = config.limits();
  pace.sample_ms_min = pace.measure == Measure::steps ? 0 : kSampleMsMin;
  return pace;
}

const engine::Sample& PairClock::start_before(Statement before) {
  return start(before_, std::move(before), pace_.limits);
}

const engine::Sample& PairClock::recall_before(Statement before,
                                               std::vector<engine::Sample> samples) {
  before_.statement = std::move(before);
  before_.first = samples.front();
  before_.samples = std::move(samples);
  if (before_.first.elapsed_ms < pace_.sample_ms_min)
    before_.samples.clear();
  return before_.first;
}

const engine::Sample& PairClock::start_after(Statement after, const engine::Limits& limits) {
  return start(after_, std::move(after), limits);
}

/// One run alone, whatever it takes: most candidates fail here. It counts when it is long enough.
const engine::Sample& PairClock::start(Runner& runner, Statement statement,
                                       const engine::Limits& limits) {
  runner.statement = std::move(statement);
  runner.first = run(runner, limits, 0);
  if (runner.first.elapsed_ms >= pace_.sample_ms_min)
    runner.samples = {runner.first};
  return runner.first;
}

engine::Sample PairClock::run(const Runner& runner, const engine::Limits& limits,
                              double sample_ms_min) {
  auto sample = session_.sample(runner.statement.sql, limits, runner.statement.side, sample_ms_min);
  engine_ms_ += sample.total_ms;
  return sample;
}

/// One more sample of a side, which must give the rows it gave before.
bool PairClock::repeat(Runner& runner) {
  auto sample = run(runner, pace_.limits, pace_.sample_ms_min);
  if (sample.status != engine::Status::ok || !same_rows(sample, runner.first)) {
    trouble_ = {.of_before = &runner == &before_, .sample = std::move(sample)};
    return false;
  }
  runner.samples.push_back(std::move(sample));
  return true;
}

/// Fills the block at hand: the sides take turns, so that a slower minute of the machine meets
/// both, and lead in turn, so that being second neither helps nor hurts.
bool PairClock::block() {
  const std::size_t wanted = samples_of(pace_.timing);
  const bool before_leads = ratios_.size() % 2 == 0;
  Runner& leader = before_leads ? before_ : after_;
  Runner& follower = before_leads ? after_ : before_;
  while (follower.samples.size() < wanted || leader.samples.size() < wanted)
    if (!repeat(leader.samples.size() <= follower.samples.size() ? leader : follower))
      return false;
  choose_clock();
  for (Runner* runner : {&before_, &after_})
    runner->blocks.push_back(centre_of(*runner));
  ratios_.push_back(log_ratio(before_.blocks.back(), after_.blocks.back()));
  taken_ = std::exchange(before_.samples, {});
  after_.samples.clear();
  return true;
}

/// The first block settles it: all of its samples must tell their processor time.
void PairClock::choose_clock() {
  if (pace_.timing != Timing::sequential || !ratios_.empty())
    return;
  const auto told = [](const engine::Sample& sample) { return sample.cpu_ms > 0; };
  of_processor_ = std::all_of(before_.samples.begin(), before_.samples.end(), told) &&
                  std::all_of(after_.samples.begin(), after_.samples.end(), told);
}

Centre PairClock::centre_of(const Runner& runner) const {
  std::vector<double> times;
  for (const engine::Sample& sample : runner.samples)
    times.push_back(of_processor_ ? sample.cpu_ms : sample.elapsed_ms);
  return pace_.timing == Timing::three_run ? after_first(times) : trimmed(std::move(times));
}

Clocked PairClock::clocked() const {
  Clocked out{.before = geometric_mean(before_.blocks),
              .after = geometric_mean(after_.blocks),
              .speedup = pace_.timing == Timing::sequential ? sequential_speedup(ratios_)
                                                            : speedup_of(ratios_.front()),
              .blocks = ratios_.size(),
              .of_processor = of_processor_};
  out.speedup.ratio = std::max(out.before, kClockFloor) / std::max(out.after, kClockFloor);
  return out;
}

/// Steps repeat exactly: one run each says it all, without noise.
Clocked PairClock::counted() const {
  const auto before = static_cast<double>(before_.first.steps);
  const auto after = static_cast<double>(after_.first.steps);
  return {.before = before,
          .after = after,
          .speedup = {.ratio = std::max(before, 1.0) / std::max(after, 1.0), .noise = 0}};
}

bool PairClock::is_enough(double bar) const {
  return pace_.timing != Timing::sequential || engine_ms_ > kPatienceMs || is_decided(ratios_, bar);
}

std::optional<Clocked> PairClock::finish_after(double before) {
  if (pace_.measure == Measure::steps) {
    const auto after = static_cast<double>(after_.first.steps);
    return Clocked{.before = before,
                   .after = after,
                   .speedup = {.ratio = before / std::max(after, 1.0), .noise = 0}};
  }
  while (after_.samples.size() < samples_of(pace_.timing))
    if (!repeat(after_))
      return std::nullopt;
  const Centre after = centre_of(after_);
  const Centre least{.mean = before, .squared_error = 0, .freedom = 1};
  return Clocked{.before = before,
                 .after = after.mean,
                 .speedup = speedup_of(log_ratio(least, after)),
                 .blocks = 1};
}

std::optional<Clocked> PairClock::finish(double bar) {
  if (pace_.measure == Measure::steps)
    return counted();
  do {
    if (!block())
      return std::nullopt;
  } while (!is_enough(bar));
  return clocked();
}

} // namespace quill::judge
