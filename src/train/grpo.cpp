#include "quill/train/grpo.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::train {

void GrpoLossConfig::fields(FieldList& list) {
  list.add("loss", &loss, "how the tokens' losses are added up")
      .one_of({"grpo", "dr_grpo", "dapo", "bnpo", "gspo", "cispo"});
  list.add("epsilon_low", &epsilon_low, "how far a ratio may fall below 1").range(0, 1);
  list.add("epsilon_high", &epsilon_high,
           "how far it may rise above 1; with --loss cispo the largest ratio")
      .range(0, 1000);
  list.add("beta", &beta,
           "weight of the divergence from the reference, the model without its adapter; 0: none")
      .range(0, 1000);
}

void GrpoLossConfig::check() const {
  if (loss == "cispo" && epsilon_high < 1)
    throw Error{Exit::usage,
                {.what = fmt::format("--epsilon-high is {} with --loss cispo", epsilon_high),
                 .where = "command line",
                 .fix = "there it is the largest ratio itself: give 1 or more, 5 for instance"}};
}

void GrpoConfig::fields(FieldList& list) {
  list.add("preset", &preset,
           "settings that go together: as the first SQL trainers had them, or as is best known now")
      .one_of({"none", "seed", "modern"});
  rollout.fields(list);
  list.add("turns", &turns, "tries at a query: one that fails is told why").range(1, 16);
  list.add("asynchronous", &asynchronous,
           "sample the next answers while these are learned from: they are one step old");
  reward.fields(list);
  loss.fields(list);
  list.add("scale_rewards", &scale_rewards,
           "what advantages are divided by: the deviation of the group, of the step, or nothing")
      .one_of({"group", "batch", "none"});
  list.add("iterations", &iterations, "steps taken on the same answers").range(1, 1000);
  list.add("batch", &batch, "answers that go through the network together").range(1, 65'536);
  list.add("epochs", &epochs, "times each question is asked, unless --steps are given")
      .range(1, 1e6);
  list.add("steps", &steps, "steps; default: what the epochs take").range(1, 1e9);
  list.add("mask_truncated", &mask_truncated, "answers that were cut off teach nothing");
  trainee.fields(list);
  optimizer.fields(list);
  run.fields(list);
}

namespace {

/// "seed": GRPO as the first trainers on SQL execution had it, r = 256 on four bits.
void take_seed(GrpoConfig& config) {
  config.rollout.generations = 4;
  config.rollout.length_max = 2048;
  config.rollout.tokens_max = 2048;
  config.loss.loss = "grpo";
  config.loss.beta = 0.1;
  config.optimizer.learning_rate = 2e-4;
  config.trainee.method = "qlora";
  config.trainee.rank = 256;
  config.trainee.alpha = 512;
  config.trainee.recompute = "block";
  config.epochs = 3;
}

/// "modern": no reference, tokens weighed alike, more room upwards, cut-off answers left out
/// (DAPO, arXiv:2503.14476); low-rank parts of every map at ten times the rate of full
/// fine-tuning ("LoRA Without Regret", 2025).
void take_modern(GrpoConfig& config) {
  config.rollout.generations = 8;
  config.loss.loss = "dapo";
  config.loss.beta = 0;
  config.loss.epsilon_low = 0.2;
  config.loss.epsilon_high = 0.28;
  config.mask_truncated = true;
  config.optimizer.learning_rate = 1e-5;
  config.optimizer.schedule = "constant";
  config.trainee.rank = 32;
  config.trainee.alpha = 64;
}

} // namespace

void GrpoConfig::take_preset() {
  if (preset == "seed")
    take_seed(*this);
  else if (preset == "modern")
    take_modern(*this);
}

std::int64_t GrpoConfig::steps_over(std::int64_t questions) const {
  const std::int64_t rounds = (epochs * questions + rollout.exercises - 1) / rollout.exercises;
  return steps.value_or(rounds * iterations);
}

void GrpoConfig::check() const {
  trainee.check();
  loss.check();
  if (asynchronous && iterations > 1)
    throw Error{Exit::usage,
                {.what = fmt::format("--asynchronous with --iterations {}", iterations),
                 .where = "command line",
                 .fix = "answers would be more than a step old: leave out one of them"}};
  if (loss.beta > 0 && (trainee.method == "full" || !trainee.adapter.empty()))
    throw Error{Exit::usage,
                {.what = fmt::format("--beta is {}, but there is no adapter whose absence would be "
                                     "the reference",
                                     loss.beta),
                 .where = "command line",
                 .fix = "train a new LoRA adapter (merge the old one first), or give --beta 0"}};
}

namespace {

struct Spread {
  double mean = 0, deviation = 0;
  bool any = false;
};

/// Mean and deviation of a sample of the values that are there.
Spread spread_of(const std::optional<double>* begin, const std::optional<double>* end) {
  double sum = 0, count = 0;
  for (const auto* each = begin; each != end; ++each)
    if (*each) {
      sum += **each;
      ++count;
    }
  if (count == 0)
    return {};
  const double mean = sum / count;
  double squares = 0;
  for (const auto* each = begin; each != end; ++each)
    if (*each)
      squares += (**each - mean) * (**each - mean);
  return {mean, count > 1 ? std::sqrt(squares / (count - 1)) : 0, true};
}

} // namespace

GroupAdvantages group_advantages(const std::vector<std::optional<double>>& rewards,
                                 std::int64_t generations, const std::string& scale) {
  constexpr double kSmallest = 1e-4, kZero = 1e-8;
  const auto* const first = rewards.data();
  const auto* const last = first + rewards.size();
  const Spread all = spread_of(first, last);
  GroupAdvantages out;
  out.mean = all.mean;
  double groups = 0, flat = 0;
  for (const auto* begin = first; begin < last; begin += generations) {
    const auto* const end = begin + generations;
    const Spread group = spread_of(begin, end);
    ++groups;
    flat += group.deviation <= kZero ? 1 : 0;
    out.deviation += group.deviation;
    const double divisor =
        scale == "none" ? 1 : (scale == "batch" ? all.deviation : group.deviation) + kSmallest;
    for (const auto* each = begin; each != end; ++each)
      out.values.push_back(*each ? (**each - group.mean) / divisor : 0);
  }
  out.deviation /= std::max(1.0, groups);
  out.zero_spread = flat / std::max(1.0, groups);
  return out;
}

} // namespace quill::train
