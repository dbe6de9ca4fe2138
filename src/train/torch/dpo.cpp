// The recipe of direct preference optimisation.
#include <algorithm>
#include <numeric>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/train/losses/dpo.hpp"
#include "quill/train/losses/logprobs.hpp"
#include "train/torch/recipe.hpp"

namespace quill::train {

namespace {

/// Log-probabilities of the answers of some pairs, those chosen first; (P) each.
struct Likelihoods {
  torch::Tensor chosen, rejected;
};

PreferencePairs pairs_of(const DpoConfig& config) {
  const auto& folder = config.trainee.model;
  const auto tokenizer = model::Tokenizer::read(folder);
  const auto chat = model::ChatTemplate::read(folder);
  const auto positions = model::read_shape(folder).positions_max;
  PreferencePairs read = read_pairs(
      config.data,
      {.tokenizer = tokenizer, .chat = chat, .length_max = std::min(config.length_max, positions)});
  log_info(fmt::format("{} pairs", read.pairs.size()));
  if (read.dropped > 0)
    log_warn(fmt::format("{} pairs are longer than --max-length and are left out", read.dropped));
  return read;
}

BatchPlan plan_of(const DpoConfig& config, std::size_t pairs, std::int64_t processes) {
  return {{.weights = {},
           .rows_per_batch = config.batch,
           .batches_per_step = config.accumulate * processes,
           .seed = static_cast<std::uint64_t>(config.run.seed)},
          std::vector<std::int64_t>(pairs, 1),
          std::vector<std::size_t>(pairs, 0)};
}

/// The prompt and what is trained behind it.
PromptAndAnswer split(const Sample& sample) {
  const auto first = std::find(sample.trained.begin(), sample.trained.end(), 1);
  const auto at = first - sample.trained.begin();
  return {{sample.ids.begin(), sample.ids.begin() + at},
          {sample.ids.begin() + at, sample.ids.end()}};
}

class Dpo final : public Algorithm {
 public:
  Dpo(const DpoConfig& config, model::Network& network, Team& team,
      std::vector<PreferencePair> pairs)
      : config_(config), network_(network), team_(team), pairs_(std::move(pairs)),
        plan_(plan_of(config, pairs_.size(), team.size())),
        last_epoch_(config.steps ? 0 : config.epochs),
        run_part_(recomputation(config.trainee.recompute)) {
    remember_reference();
  }

  std::int64_t steps() { return config_.steps ? *config_.steps : plan_.steps_of(config_.epochs); }

  StepWork work(std::int64_t step) override {
    const auto batches = plan_.step(step, last_epoch_);
    StepWork work;
    DpoTotals totals;
    for (const auto& batch : batches)
      for (const std::size_t number : batch) {
        const PreferencePair& pair = pairs_[number];
        work.tokens += static_cast<std::int64_t>(pair.chosen.ids.size() + pair.rejected.ids.size());
        totals.chosen_tokens += static_cast<double>(pair.chosen.answer_tokens());
        ++totals.pairs;
      }
    const auto rank = static_cast<std::size_t>(team_.rank());
    for (std::size_t i = rank; i < batches.size(); i += static_cast<std::size_t>(team_.size()))
      work.batches.emplace_back([this, step, i, batch = batches[i], totals] {
        seed_dropout(network_, Rng(static_cast<std::uint64_t>(config_.run.seed))
                                   .child("dropout", static_cast<std::uint64_t>(step))
                                   .child("batch", i)
                                   .next());
        return loss_of(batch, totals);
      });
    return work;
  }

  Json figures(std::int64_t step) override { return {{"epoch", plan_.epoch_at(step + 1)}}; }

 private:
  [[nodiscard]] Likelihoods likelihoods(const std::vector<std::size_t>& chosen) const {
    std::vector<PromptAndAnswer> answers;
    for (const bool better : {true, false})
      for (const std::size_t number : chosen)
        answers.push_back(split(better ? pairs_[number].chosen : pairs_[number].rejected));
    const AnswerBatch batch = answer_batch(answers, network_.device());
    const auto hidden = network_.hidden(batch.packed, run_part_); // (N, D)
    const auto logprobs = token_logprobs(hidden.index_select(0, batch.rows), network_.output(),
                                         batch.targets, 1, logit_bytes(network_.device()));
    const auto count = static_cast<std::int64_t>(chosen.size());
    const auto sums = at::zeros({2 * count}, logprobs.values.options())
                          .index_add(0, batch.answer, logprobs.values);
    return {sums.slice(0, 0, count), sums.slice(0, count)};
  }

  /// The network is the reference as long as nothing of it was trained: a resumed run reads its
  /// checkpoint after this.
  void remember_reference() {
    const torch::NoGradGuard no_grad;
    const auto all = static_cast<std::int64_t>(pairs_.size());
    const auto zeros = [&] {
      return at::zeros({all}, torch::TensorOptions(torch::kFloat32).device(network_.device()));
    };
    reference_ = {zeros(), zeros()};
    for (std::int64_t begin = team_.rank() * config_.batch; begin < all;
         begin += config_.batch * team_.size()) {
      const std::int64_t end = std::min(begin + config_.batch, all);
      std::vector<std::size_t> numbers(static_cast<std::size_t>(end - begin));
      std::iota(numbers.begin(), numbers.end(), static_cast<std::size_t>(begin));
      const Likelihoods part = likelihoods(numbers);
      reference_.chosen.slice(0, begin, end).copy_(part.chosen);
      reference_.rejected.slice(0, begin, end).copy_(part.rejected);
    }
    team_.add_up({reference_.chosen, reference_.rejected});
  }

  Loss loss_of(const std::vector<std::size_t>& chosen, const DpoTotals& totals) {
    std::vector<std::int64_t> numbers(chosen.begin(), chosen.end());
    std::vector<double> chosen_tokens, rejected_tokens;
    for (const std::size_t number : chosen) {
      chosen_tokens.push_back(static_cast<double>(pairs_[number].chosen.answer_tokens()));
      rejected_tokens.push_back(static_cast<double>(pairs_[number].rejected.answer_tokens()));
    }
    const auto device = network_.device();
    const auto floats = [&](const std::vector<double>& values) {
      return torch::tensor(values).to(device, torch::kFloat32);
    };
    const auto at_reference = torch::tensor(numbers, torch::kInt64).to(device);
    const Likelihoods now = likelihoods(chosen);
    return dpo_loss(config_.loss,
                    {.chosen = now.chosen,
                     .rejected = now.rejected,
                     .reference_chosen = reference_.chosen.index_select(0, at_reference),
                     .reference_rejected = reference_.rejected.index_select(0, at_reference),
                     .chosen_tokens = floats(chosen_tokens),
                     .rejected_tokens = floats(rejected_tokens)},
                    totals);
  }

  const DpoConfig& config_;
  model::Network& network_;
  Team& team_;
  std::vector<PreferencePair> pairs_;
  BatchPlan plan_;
  std::int64_t last_epoch_;
  model::RunPart run_part_;
  Likelihoods reference_; ///< of every pair
};

} // namespace

TrainSummary train_dpo(const DpoConfig& config, const TrainContext& context) {
  config.trainee.check();
  const auto team = gathered(config.trainee, context);
  PreferencePairs read = pairs_of(config);
  const auto samples = static_cast<std::int64_t>(read.pairs.size());
  Run run = open_run(config.run, settings_of(of_all(config, team->size()), config.data), *team);
  model::Network network = load_network(config.trainee, context.place);
  Trainee trainee =
      make_trainee(network, config.trainee, static_cast<std::uint64_t>(config.run.seed));
  Dpo dpo(config, network, *team, std::move(read.pairs));
  TrainSummary summary =
      run_recipe(dpo, trainee, *team, run,
                 {.optimizer = config.optimizer, .run = config.run, .steps = dpo.steps()}, context);
  summary.samples = samples;
  summary.dropped = read.dropped;
  return summary;
}

} // namespace quill::train
