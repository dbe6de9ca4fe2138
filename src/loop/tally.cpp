#include "loop/tally.hpp"

#include <algorithm>
#include <array>

#include "loop/json_values.hpp"
#include "quill/judge/reward.hpp"
#include "quill/sql/text.hpp"

namespace quill::loop {

namespace {

constexpr std::array<double, 5> kOneOfEachBand{1.2, 1.7, 5, 50, 500};

std::optional<double> mean(const std::vector<double>& values) {
  if (values.empty())
    return std::nullopt;
  double sum = 0;
  for (const double value : values)
    sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> share(std::size_t distinct, std::int64_t all) {
  if (all == 0)
    return std::nullopt;
  return static_cast<double>(distinct) / static_cast<double>(all);
}

std::int64_t& counter(IterationMetrics& metrics, Outcome::Kind kind) {
  switch (kind) {
  case Outcome::Kind::kept:
    return metrics.kept;
  case Outcome::Kind::slow:
    return metrics.slow;
  case Outcome::Kind::wrong:
    return metrics.wrong;
  case Outcome::Kind::blocked:
    return metrics.blocked;
  case Outcome::Kind::timed_out:
    return metrics.timed_out;
  case Outcome::Kind::unparsable:
    return metrics.unparsable;
  case Outcome::Kind::dropped:
    return metrics.dropped;
  case Outcome::Kind::failed:
    break;
  }
  return metrics.failed;
}

void describe_examples(Totals& all, const std::vector<Example>& examples,
                       const DiversityCount& diversity) {
  std::vector<double> rewards;
  all.by_band = empty_bands();
  for (const Example& example : examples) {
    if (example.seed()) {
      ++all.seeds;
      continue;
    }
    ++all.distinct;
    count_up(all.by_type, example.type);
    count_up(all.by_rule, example.rule.empty() ? example.provider : example.rule);
    if (example.speedup)
      count_band(all.by_band, *example.speedup);
    if (example.reward)
      rewards.push_back(*example.reward);
  }
  all.examples = diversity.examples();
  all.before_diversity = diversity.get().before;
  all.after_diversity = diversity.get().after;
  all.reward_mean = mean(rewards);
  if (!rewards.empty()) {
    all.reward_min = *std::min_element(rewards.begin(), rewards.end());
    all.reward_max = *std::max_element(rewards.begin(), rewards.end());
  }
}

void sum_iterations(Totals& all, const std::vector<IterationMetrics>& iterations) {
  for (const IterationMetrics& one : iterations) {
    add_known(all.elapsed_ms, one.elapsed_ms);
    all.judged_by_model += one.judged_by_model;
    all.judges_agreed += one.judges_agreed;
    if (one.iteration == 0)
      continue;
    ++all.iterations;
    all.asked += one.asked;
    all.offered += one.offered;
    all.kept += one.kept;
    all.duplicates += one.duplicates;
    all.dropped += one.dropped;
    add_known(all.prompt_tokens, one.prompt_tokens);
    add_known(all.completion_tokens, one.completion_tokens);
    add_known(all.cost_usd, one.cost_usd);
  }
}

} // namespace

void count_up(Counts& counts, const std::string& name) {
  const auto at =
      std::lower_bound(counts.begin(), counts.end(), name,
                       [](const auto& pair, const auto& key) { return pair.first < key; });
  if (at != counts.end() && at->first == name)
    ++at->second;
  else
    counts.insert(at, {name, 1});
}

Counts empty_bands() {
  Counts bands;
  for (const double speedup : kOneOfEachBand)
    bands.emplace_back(judge::speedup_band(speedup), 0);
  return bands;
}

void count_band(Counts& bands, double speedup) {
  const std::string_view name = judge::speedup_band(speedup);
  for (auto& [band, count] : bands)
    if (band == name)
      ++count;
}

void tally(IterationMetrics& metrics, const std::vector<Outcome>& outcomes) {
  std::vector<double> rewards, kept_rewards;
  metrics.by_band = empty_bands();
  metrics.offered = static_cast<std::int64_t>(outcomes.size());
  for (const Outcome& outcome : outcomes) {
    ++counter(metrics, outcome.kind);
    metrics.duplicates += outcome.duplicate;
    metrics.added += outcome.added;
    if (outcome.judges_agree && !outcome.duplicate) { // a duplicate has the verdict of the first
      ++metrics.judged_by_model;
      metrics.judges_agreed += *outcome.judges_agree;
    }
    if (outcome.reward)
      rewards.push_back(*outcome.reward);
    if (outcome.kind != Outcome::Kind::kept)
      continue;
    count_up(metrics.by_type, outcome.type);
    if (outcome.speedup)
      count_band(metrics.by_band, *outcome.speedup);
    if (outcome.reward)
      kept_rewards.push_back(*outcome.reward);
  }
  metrics.reward_mean = mean(rewards);
  metrics.reward_kept_mean = mean(kept_rewards);
  metrics.success_rate =
      metrics.asked == 0 ? 0
                         : static_cast<double>(metrics.kept) / static_cast<double>(metrics.asked);
}

void DiversityCount::add(const Example& example) {
  if (before_texts_.insert(example.before).second)
    befores_.insert(sql::fingerprint(example.before));
  afters_.insert(sql::fingerprint(example.script()));
  ++examples_;
}

Diversity DiversityCount::get() const {
  return {share(befores_.size(), examples_), share(afters_.size(), examples_)};
}

std::optional<double> success_rate(const std::vector<IterationMetrics>& iterations,
                                   std::int64_t first, std::int64_t last) {
  std::int64_t asked = 0, kept = 0;
  for (const IterationMetrics& one : iterations) {
    if (one.iteration < std::max<std::int64_t>(first, 1) || one.iteration > last)
      continue;
    asked += one.asked;
    kept += one.kept;
  }
  if (asked == 0)
    return std::nullopt;
  return static_cast<double>(kept) / static_cast<double>(asked);
}

Totals totals(const std::vector<IterationMetrics>& iterations,
              const std::vector<Example>& examples) {
  DiversityCount diversity;
  for (const Example& example : examples)
    diversity.add(example);
  return totals(iterations, examples, diversity);
}

Totals totals(const std::vector<IterationMetrics>& iterations, const std::vector<Example>& examples,
              const DiversityCount& diversity) {
  Totals all;
  sum_iterations(all, iterations);
  describe_examples(all, examples, diversity);
  const std::int64_t last = iterations.empty() ? 0 : iterations.back().iteration;
  all.success_rate = success_rate(iterations, 1, last);
  all.success_rate_first_ten = success_rate(iterations, 1, 10);
  all.success_rate_last_ten = success_rate(iterations, last - 9, last);
  return all;
}

} // namespace quill::loop
