// The recipe of proximal policy optimisation.
#include <algorithm>
#include <numeric>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/train/losses/logprobs.hpp"
#include "quill/train/losses/ppo.hpp"
#include "train/torch/recipe.hpp"
#include "train/torch/sampling.hpp"

namespace quill::train {

namespace {

/// What an answer so far is worth: a row of its own over the last hidden states.
struct ValueHead {
  torch::Tensor weight, bias; ///< (D), (1); they begin at 0

  explicit ValueHead(const model::Network& network)
      : weight(at::zeros({network.output().size(1)}, options(network)).set_requires_grad(true)),
        bias(at::zeros({1}, options(network)).set_requires_grad(true)) {}

  /// (R, D) → (R)
  [[nodiscard]] torch::Tensor values(const torch::Tensor& rows) const {
    return at::mv(rows.to(torch::kFloat32), weight) + bias;
  }
  void join(Trainee& trainee) const {
    trainee.parameters.push_back(
        {.name = "value_head.weight", .tensor = weight, .decays = false, .file = "value"});
    trainee.parameters.push_back(
        {.name = "value_head.bias", .tensor = bias, .decays = false, .file = "value"});
  }

 private:
  static torch::TensorOptions options(const model::Network& network) {
    return torch::TensorOptions(torch::kFloat32).device(network.device());
  }
};

struct Seen {
  TokenLogprobs logprobs;
  torch::Tensor values; ///< (R)
};

class Ppo final : public Algorithm {
 public:
  Ppo(const PpoConfig& config, model::Network& network, const ValueHead& head, Team& team,
      Rollouts& rollouts)
      : config_(config), network_(network), head_(head), team_(team), rollouts_(rollouts),
        run_part_(recomputation(config.trainee.recompute)) {}

  StepWork work(std::int64_t step) override {
    const std::int64_t round = step / config_.iterations;
    if (round_ != round)
      begin_round(round);
    StepWork work;
    for (const auto& each : completions_)
      work.tokens += static_cast<std::int64_t>(each.prompt.size() + each.ids.size());
    entropy_ = 0;
    each_batch([&](const std::vector<std::size_t>& batch) {
      work.batches.emplace_back([this, step, batch] {
        seed_dropout(network_, Rng(static_cast<std::uint64_t>(config_.run.seed))
                                   .child("dropout", static_cast<std::uint64_t>(step))
                                   .child("batch", batch.front())
                                   .next());
        return loss_of(batch);
      });
    });
    return work;
  }

  Json figures(std::int64_t step) override {
    Json figures = rollout_figures(completions_);
    figures["entropy"] = team_.sum(entropy_);
    figures["kl"] = divergence_;
    figures["round"] = step / config_.iterations + 1;
    return figures;
  }

 private:
  /// Those of this process.
  template <class Visit> void each_batch(const Visit& visit) const {
    const auto size = static_cast<std::size_t>(config_.batch);
    const auto processes = static_cast<std::size_t>(team_.size());
    for (std::size_t begin = static_cast<std::size_t>(team_.rank()) * size; begin < learned_.size();
         begin += size * processes)
      visit(std::vector<std::size_t>(
          learned_.begin() + static_cast<std::ptrdiff_t>(begin),
          learned_.begin() + static_cast<std::ptrdiff_t>(std::min(begin + size, learned_.size()))));
  }

  void begin_round(std::int64_t round) {
    completions_ = rollouts_.round(round).completions;
    learned_.clear();
    tokens_ = 0;
    for (std::size_t i = 0; i < completions_.size(); ++i)
      if (completions_[i].score.value) {
        learned_.push_back(i);
        tokens_ += static_cast<double>(completions_[i].ids.size());
      }
    // Answers that were read back have their values, which are those of the round's beginning.
    if (!learned_.empty() && completions_[learned_.front()].values.empty()) {
      const torch::NoGradGuard no_grad;
      std::vector<std::size_t> mine;
      each_batch([&](const std::vector<std::size_t>& batch) {
        value(batch);
        mine.insert(mine.end(), batch.begin(), batch.end());
      });
      share(team_, completions_, mine);
      rollouts_.keep(round, completions_);
    }
    estimate();
    round_ = round;
  }

  /// What each token of some completions earned, and was thought to be worth, as the round begins.
  void value(const std::vector<std::size_t>& chosen) {
    const AnswerBatch batch = batch_of(chosen);
    const auto values = seen(batch).values.to(torch::kCPU).contiguous();
    torch::Tensor reference;
    if (config_.kl > 0) {
      const model::AdapterOff base(network_);
      reference = seen(batch).logprobs.values.to(torch::kCPU).contiguous();
    }
    std::int64_t at = 0;
    for (const std::size_t number : chosen) {
      Completion& each = completions_[number];
      const auto size = each.ids.size();
      const auto* value = values.const_data_ptr<float>() + at;
      each.values.assign(value, value + size);
      each.rewards.assign(size, 0);
      if (config_.kl > 0)
        for (std::size_t i = 0; i < size; ++i)
          each.rewards[i] = static_cast<float>(
              -config_.kl *
              (each.logprobs[i] - reference.const_data_ptr<float>()[at + static_cast<long>(i)]));
      each.rewards.back() += static_cast<float>(*each.score.value);
      at += static_cast<std::int64_t>(size);
    }
  }

  /// Advantages over all completions of the round, whitened together.
  void estimate() {
    std::vector<float> rewards, values;
    std::vector<std::int64_t> ends;
    double lost = 0;
    for (const std::size_t number : learned_) {
      const Completion& each = completions_[number];
      rewards.insert(rewards.end(), each.rewards.begin(), each.rewards.end());
      values.insert(values.end(), each.values.begin(), each.values.end());
      ends.push_back(static_cast<std::int64_t>(rewards.size()));
      lost += *each.score.value;
    }
    // Of the penalty alone: what the tokens earned beside their answers' scores.
    const double earned = std::accumulate(rewards.begin(), rewards.end(), 0.0);
    divergence_ = config_.kl > 0 ? (lost - earned) / config_.kl / std::max(1.0, tokens_) : 0;
    const Advantages found = estimated_advantages(torch::tensor(rewards), torch::tensor(values),
                                                  ends, config_.gamma, config_.lambda);
    advantages_ = whitened(found.advantages);
    returns_ = found.returns;
  }

  [[nodiscard]] AnswerBatch batch_of(const std::vector<std::size_t>& chosen) const {
    std::vector<PromptAndAnswer> answers;
    for (const std::size_t number : chosen)
      answers.push_back({completions_[number].prompt, completions_[number].ids});
    return answer_batch(answers, network_.device());
  }

  [[nodiscard]] Seen seen(const AnswerBatch& batch) const {
    const auto rows =
        network_.hidden(batch.packed, run_part_).index_select(0, batch.rows); // (R, D)
    return {token_logprobs(rows, network_.output(), batch.targets, config_.rollout.temperature,
                           logit_bytes(network_.device())),
            head_.values(rows)};
  }

  Loss loss_of(const std::vector<std::size_t>& chosen) {
    std::vector<float> logprobs, values;
    std::int64_t begin = 0; // of the batch among all learned tokens
    for (const std::size_t number : learned_) {
      if (number == chosen.front())
        break;
      begin += static_cast<std::int64_t>(completions_[number].ids.size());
    }
    for (const std::size_t number : chosen) {
      const Completion& each = completions_[number];
      logprobs.insert(logprobs.end(), each.logprobs.begin(), each.logprobs.end());
      values.insert(values.end(), each.values.begin(), each.values.end());
    }
    const std::int64_t end = begin + static_cast<std::int64_t>(values.size());
    const auto device = network_.device();
    const Seen now = seen(batch_of(chosen));
    entropy_ += now.logprobs.entropies.sum().item<double>() / tokens_;
    return ppo_loss(config_.loss,
                    {.logprobs = now.logprobs.values,
                     .values = now.values,
                     .old_logprobs = torch::tensor(logprobs).to(device),
                     .old_values = torch::tensor(values).to(device),
                     .advantages = advantages_.slice(0, begin, end).to(device),
                     .returns = returns_.slice(0, begin, end).to(device)},
                    tokens_);
  }

  const PpoConfig& config_;
  model::Network& network_;
  const ValueHead& head_;
  Team& team_;
  Rollouts& rollouts_;
  model::RunPart run_part_;
  std::int64_t round_ = -1;
  std::vector<Completion> completions_; ///< of the round
  std::vector<std::size_t> learned_;    ///< those that were judged
  double tokens_ = 0;                   ///< of those
  torch::Tensor advantages_, returns_;  ///< of those tokens, on the CPU
  double entropy_ = 0, divergence_ = 0;
};

} // namespace

TrainSummary train_ppo(const PpoConfig& config, const TrainContext& context) {
  config.check();
  const auto team = gathered(config.trainee, context);
  Run run = open_run(config.run, settings_of(config, {config.rollout.data.string()}), *team);
  model::Network network = load_network(config.trainee, context.place);
  const auto seed = static_cast<std::uint64_t>(config.run.seed);
  Trainee trainee = make_trainee(network, config.trainee, seed);
  const ValueHead head(network);
  head.join(trainee);
  Rollouts rollouts({.rollout = config.rollout, .reward = config.reward, .turns = 1},
                    config.trainee.model, network, run, *team, seed, context);
  log_info(fmt::format("{} questions", rollouts.exercises()));
  Ppo ppo(config, network, head, *team, rollouts);
  TrainSummary summary = run_recipe(
      ppo, trainee, *team, run,
      {.optimizer = config.optimizer, .run = config.run, .steps = config.steps}, context);
  summary.samples = (summary.steps + config.iterations - 1) / config.iterations *
                    config.rollout.exercises * config.rollout.generations;
  return summary;
}

} // namespace quill::train
