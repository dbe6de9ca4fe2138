// The recipe of group-relative policy optimisation.
#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/train/losses/grpo.hpp"
#include "quill/train/losses/logprobs.hpp"
#include "train/torch/recipe.hpp"
#include "train/torch/sampling.hpp"

namespace quill::train {

namespace {

class Grpo final : public Algorithm {
 public:
  Grpo(const GrpoConfig& config, model::Network& network, Team& team, Rollouts& rollouts,
       std::int64_t steps)
      : config_(config), network_(network), team_(team), rollouts_(rollouts), steps_(steps),
        run_part_(recomputation(config.trainee.recompute)) {}

  StepWork work(std::int64_t step) override {
    const std::int64_t round = step / config_.iterations;
    if (round_ != round)
      begin_round(round);
    StepWork work;
    for (const auto& each : completions_)
      work.tokens += static_cast<std::int64_t>(each.prompt.size() + each.ids.size());
    entropy_ = 0;
    drift_ = 0;
    drift_sum_ = 0;
    const auto size = static_cast<std::size_t>(config_.batch);
    const std::size_t batches = (learned_.size() + size - 1) / size;
    totals_.batches = static_cast<double>(batches);
    const auto processes = static_cast<std::size_t>(team_.size());
    for (std::size_t begin = static_cast<std::size_t>(team_.rank()) * size; begin < learned_.size();
         begin += size * processes)
      work.batches.emplace_back([this, step, begin, size] {
        seed_dropout(network_, Rng(static_cast<std::uint64_t>(config_.run.seed))
                                   .child("dropout", static_cast<std::uint64_t>(step))
                                   .child("batch", begin)
                                   .next());
        return loss_of({learned_.begin() + static_cast<std::ptrdiff_t>(begin),
                        learned_.begin() +
                            static_cast<std::ptrdiff_t>(std::min(begin + size, learned_.size()))});
      });
    return work;
  }

  Json figures(std::int64_t step) override {
    entropy_ = team_.sum(entropy_);
    drift_ = team_.largest(drift_);
    drift_sum_ = team_.sum(drift_sum_);
    Json figures = rollout_figures(completions_);
    figures["reward_std"] = advantages_.deviation;
    figures["frac_zero_std"] = advantages_.zero_spread;
    figures["skipped"] = skipped_;
    figures["entropy"] = entropy_;
    figures["round"] = step / config_.iterations + 1;
    figures["sampling_seconds"] = times_.sampling_ms / 1000;
    figures["judging_seconds"] = times_.judging_ms / 1000;
    figures["judging_wait_seconds"] = times_.waiting_ms / 1000;
    times_ = {};
    warn_of_drift(step);
    figures["logprob_drift"] = drift_;
    figures["logprob_drift_mean"] = drift_sum_ / std::max(1.0, totals_.seen);
    return figures;
  }

 private:
  void begin_round(std::int64_t round) {
    Round found = rollouts_.round(round);
    completions_ = std::move(found.completions);
    times_ = found.times;
    if (config_.asynchronous && round + 1 < steps_)
      rollouts_.begin(round + 1);
    std::vector<std::optional<double>> rewards;
    for (const Completion& each : completions_)
      rewards.push_back(each.score.value);
    advantages_ = group_advantages(rewards, config_.rollout.generations, config_.scale_rewards);
    learned_.clear();
    totals_ = {.tokens_max = static_cast<double>(config_.rollout.tokens_max * config_.turns)};
    for (std::size_t i = 0; i < completions_.size(); ++i) {
      const Completion& each = completions_[i];
      if (!each.score.value || (config_.mask_truncated && !each.ended))
        continue;
      ++totals_.completions;
      totals_.tokens += static_cast<double>(each.written());
      // Without advantage and reference an answer has no gradient: it counts, but is not run,
      // except where a batch is divided by its own tokens.
      if (config_.loss.beta == 0 && config_.loss.loss != "bnpo" && advantages_.values[i] == 0)
        continue;
      learned_.push_back(i);
      totals_.seen += static_cast<double>(each.written());
    }
    skipped_ = static_cast<std::int64_t>(completions_.size() - learned_.size());
    round_ = round;
  }

  Loss loss_of(const std::vector<std::size_t>& chosen) {
    std::vector<PromptAndAnswer> answers;
    std::vector<double> advantages;
    std::vector<float> sampled;
    for (const std::size_t number : chosen) {
      const Completion& each = completions_[number];
      answers.push_back({each.prompt, each.ids, each.told});
      advantages.push_back(advantages_.values[number]);
      for (std::size_t i = 0; i < each.ids.size(); ++i)
        if (each.wrote(i))
          sampled.push_back(each.logprobs[i]);
    }
    const auto device = network_.device();
    const AnswerBatch batch = answer_batch(answers, device);
    PolicyTokens tokens{.logprobs = {},
                        .old_logprobs = torch::tensor(sampled).to(device),
                        .advantages = torch::tensor(advantages).to(device, torch::kFloat32),
                        .completion = batch.answer};
    if (config_.loss.beta > 0) {
      const torch::NoGradGuard no_grad;
      const model::AdapterOff base(network_);
      tokens.reference = logprobs_of(batch).values;
    }
    const TokenLogprobs now = logprobs_of(batch);
    tokens.logprobs = now.values;
    entropy_ += now.entropies.sum().item<double>() / totals_.seen;
    const auto drift = (now.values.detach() - tokens.old_logprobs).abs();
    drift_ = std::max(drift_, drift.max().item<double>());
    drift_sum_ += drift.sum().item<double>();
    return grpo_loss(config_.loss, tokens, totals_);
  }

  [[nodiscard]] TokenLogprobs logprobs_of(const AnswerBatch& batch) const {
    const auto hidden = network_.hidden(batch.packed, run_part_); // (N, D)
    return token_logprobs(hidden.index_select(0, batch.rows), network_.output(), batch.targets,
                          config_.rollout.temperature, logit_bytes(network_.device()));
  }

  /// In the first step on a round the policy is the one that sampled; later, and asynchronously,
  /// the ratio corrects for what it has learned since, as long as that is little.
  void warn_of_drift(std::int64_t step) const {
    constexpr double kStale = 0.5; // nats a token
    const double exact = network_.dtype() == torch::kFloat32 ? 1e-2 : 0.5;
    const bool fresh = step % config_.iterations == 0 && !config_.asynchronous;
    if (!team_.leads())
      return;
    if (fresh && config_.trainee.dropout == 0 && drift_ > exact)
      log_warn(fmt::format("sampler and trainer differ by {:.4f} in a token's log-probability "
                           "before the first step of a round",
                           drift_));
    if (const double mean = drift_sum_ / std::max(1.0, totals_.seen); !fresh && mean > kStale)
      log_warn(fmt::format("the answers are too old for this policy: a token's log-probability has "
                           "moved by {:.2f} on average; lower the learning rate or --iterations",
                           mean));
  }

  const GrpoConfig& config_;
  model::Network& network_;
  Team& team_;
  Rollouts& rollouts_;
  std::int64_t steps_;
  model::RunPart run_part_;
  std::int64_t round_ = -1;
  std::vector<Completion> completions_; ///< of the round
  RolloutTimes times_;
  GroupAdvantages advantages_;
  std::vector<std::size_t> learned_; ///< those with a gradient
  GrpoTotals totals_;
  std::int64_t skipped_ = 0;
  double entropy_ = 0, drift_ = 0, drift_sum_ = 0; ///< of the step
};

} // namespace

TrainSummary train_grpo(const GrpoConfig& config, const TrainContext& context) {
  config.check();
  const auto team = gathered(config.trainee, context);
  Run run = open_run(config.run, settings_of(config, {config.rollout.data.string()}), *team);
  model::Network network = load_network(config.trainee, context.place);
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  Trainee trainee = make_trainee(network, config.trainee, seed);
  Rollouts rollouts({.rollout = config.rollout, .reward = config.reward, .turns = config.turns},
                    config.trainee.model, network, run, *team, seed, context);
  const std::int64_t steps = config.steps_over(rollouts.exercises());
  log_info(fmt::format("{} questions, {} steps", rollouts.exercises(), steps));
  Grpo grpo(config, network, *team, rollouts, steps);
  TrainSummary summary =
      run_recipe(grpo, trainee, *team, run,
                 {.optimizer = config.optimizer, .run = config.run, .steps = steps}, context);
  summary.samples = (summary.steps + config.iterations - 1) / config.iterations *
                    config.rollout.exercises * config.rollout.generations;
  return summary;
}

} // namespace quill::train
