// The recipe of supervised fine-tuning, from files to an adapter.
#include "quill/train/sft.hpp"

#include <algorithm>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/model/network.hpp"
#include "quill/train/batches.hpp"
#include "quill/train/cost.hpp"
#include "quill/train/losses/sft.hpp"
#include "quill/train/sample.hpp"
#include "quill/train/step_loop.hpp"
#include "train/torch/peak.hpp"
#include "train/torch/recipe.hpp"

namespace quill::train {

namespace {

Samples read_samples(const SftConfig& config, const std::vector<std::string>& files) {
  std::vector<Dialogue> dialogues;
  for (std::size_t source = 0; source < files.size(); ++source)
    for (Dialogue& dialogue : read_dialogues(files[source], source))
      dialogues.push_back(std::move(dialogue));
  const auto& folder = config.trainee.model;
  const auto tokenizer = model::Tokenizer::read(folder);
  const auto chat = model::ChatTemplate::read(folder);
  const auto shape = model::read_shape(folder);
  const auto ends = model::read_generation_defaults(folder, shape).end_tokens;
  return tokenized(dialogues, {.tokenizer = tokenizer,
                               .chat = chat,
                               .end = ends.empty() ? -1 : ends[0],
                               .length_max = std::min(config.length_max, shape.positions_max),
                               .all_turns = config.loss_on == "turns"});
}

BatchPlan plan_of(const SftConfig& config, const Samples& data, std::int64_t processes) {
  BatchConfig batches{.order = config.order,
                      .weights = read_weights(config.weights),
                      .packed = config.packing == "best-fit",
                      .capacity = config.length_max,
                      .rows_per_batch = config.batch,
                      .batches_per_step = config.accumulate * processes,
                      .seed = static_cast<std::uint64_t>(config.run.seed)};
  std::vector<std::int64_t> lengths;
  std::vector<std::size_t> sources;
  for (const Sample& sample : data.samples) {
    lengths.push_back(static_cast<std::int64_t>(sample.ids.size()));
    sources.push_back(sample.source);
  }
  for (std::size_t source = 0; source < batches.weights.size(); ++source)
    if (batches.weights[source] > 0 && std::ranges::count(sources, source) == 0)
      throw Error{Exit::usage,
                  {.what = "no line of the file can be trained on, but it has a weight",
                   .where = config.data[source],
                   .fix = "leave the file out, or mend it; `quill data check` says what is wrong"}};
  return {std::move(batches), std::move(lengths), std::move(sources)};
}

/// Samples one after the other, and what the loss looks at: row i of `rows` predicts targets[i].
struct Batch {
  model::Packed packed;
  torch::Tensor rows, targets; ///< (R)
};

Batch batch_of(const std::vector<Sample>& samples, const std::vector<std::size_t>& chosen,
               torch::Device device) {
  std::vector<std::vector<model::TokenId>> sequences;
  std::vector<std::int64_t> rows, targets;
  std::int64_t begin = 0;
  for (const std::size_t number : chosen) {
    const Sample& sample = samples[number];
    for (std::size_t i = 1; i < sample.ids.size(); ++i)
      if (sample.trained[i] != 0) {
        rows.push_back(begin + static_cast<std::int64_t>(i) - 1);
        targets.push_back(sample.ids[i]);
      }
    begin += static_cast<std::int64_t>(sample.ids.size());
    sequences.push_back(sample.ids);
  }
  return {model::pack(sequences, device), torch::tensor(rows, torch::kInt64).to(device),
          torch::tensor(targets, torch::kInt64).to(device)};
}

class Sft final : public Algorithm {
 public:
  Sft(const SftConfig& config, model::Network& network, Team& team, Samples data,
      std::optional<Samples> eval_data)
      : config_(config), network_(network), team_(team), data_(std::move(data)),
        eval_data_(std::move(eval_data)), plan_(plan_of(config, data_, team.size())),
        last_epoch_(config.steps ? 0 : config.epochs),
        run_part_(recomputation(config.trainee.recompute)) {}

  std::int64_t steps() { return config_.steps ? *config_.steps : plan_.steps_of(config_.epochs); }
  [[nodiscard]] const Samples& data() const noexcept { return data_; }

  StepWork work(std::int64_t step) override {
    const auto batches = plan_.step(step, last_epoch_);
    StepWork work;
    Load load;
    for (const auto& batch : batches)
      for (const std::size_t sample : batch) {
        const auto length = static_cast<double>(data_.samples[sample].ids.size());
        load.tokens += length;
        load.squares += length * length;
        load.loss_rows += static_cast<double>(data_.samples[sample].answer_tokens());
      }
    work.tokens = static_cast<std::int64_t>(load.tokens);
    work.operations = operations(network_.shape(), config_.trainee, load);
    const auto rank = static_cast<std::size_t>(team_.rank());
    for (std::size_t i = rank; i < batches.size(); i += static_cast<std::size_t>(team_.size()))
      work.batches.emplace_back([this, step, i, batch = batches[i], answers = load.loss_rows] {
        seed_dropout(network_, dropout_seed(step, i));
        return loss_of(data_.samples, batch, answers);
      });
    return work;
  }

  Json figures(std::int64_t step) override { return {{"epoch", plan_.epoch_at(step + 1)}}; }

  bool evaluates_after(std::int64_t step) override {
    if (!eval_data_)
      return false;
    if (step == steps())
      return true;
    if (config_.eval_every > 0)
      return step % config_.eval_every == 0;
    return std::floor(plan_.epoch_at(step)) > std::floor(plan_.epoch_at(step - 1));
  }

  double evaluate() override {
    auto loss = at::zeros({1}, torch::kFloat64);
    const auto batch = static_cast<std::size_t>(config_.batch);
    const auto answers = static_cast<double>(eval_data_->answer_tokens);
    const auto rank = static_cast<std::size_t>(team_.rank());
    const std::size_t all = batch * static_cast<std::size_t>(team_.size());
    for (std::size_t begin = rank * batch; begin < eval_data_->samples.size(); begin += all) {
      std::vector<std::size_t> chosen;
      for (std::size_t i = begin; i < std::min(begin + batch, eval_data_->samples.size()); ++i)
        chosen.push_back(i);
      loss += loss_of(eval_data_->samples, chosen, answers).value.item<double>();
    }
    team_.add_up({loss});
    return loss.item<double>();
  }

 private:
  Loss loss_of(const std::vector<Sample>& samples, const std::vector<std::size_t>& chosen,
               double denominator) {
    const Batch batch = batch_of(samples, chosen, network_.device());
    const auto hidden = network_.hidden(batch.packed, run_part_); // (N, D)
    return sft_loss(hidden.index_select(0, batch.rows), network_.output(), batch.targets,
                    denominator, logit_bytes(network_.device()));
  }

  [[nodiscard]] std::uint64_t dropout_seed(std::int64_t step, std::size_t batch) const {
    return Rng(static_cast<std::uint64_t>(config_.run.seed))
        .child("dropout", static_cast<std::uint64_t>(step))
        .child("batch", batch)
        .next();
  }

  const SftConfig& config_;
  model::Network& network_;
  Team& team_;
  Samples data_;
  std::optional<Samples> eval_data_;
  BatchPlan plan_;
  std::int64_t last_epoch_;
  model::RunPart run_part_;
};

void log_data(const Samples& data) {
  log_info(fmt::format("{} samples, {} tokens, {} of them answers", data.samples.size(),
                       data.tokens, data.answer_tokens));
  if (data.truncated > 0)
    log_warn(fmt::format("{} samples were longer than --max-length and lost their end; {} of them "
                         "lost their whole answer and are left out",
                         data.truncated, data.dropped));
}

/// \throws Error{usage} when the run cannot fit, before anything large is loaded
void require_room(const SftConfig& config, const Samples& data, torch::Device device) {
  BatchDemand demand{.lengths = {},
                     .batch = config.batch,
                     .accumulate = config.accumulate,
                     .length_max = config.length_max,
                     .packed = config.packing == "best-fit"};
  for (const Sample& sample : data.samples)
    demand.lengths.push_back(static_cast<std::int64_t>(sample.ids.size()));
  const std::int64_t given = config.run.memory_mb << 20U;
  // The estimate is of the CPU's chunks: values, exponentials and gradients of 16 MB of logits.
  const std::int64_t more_logits = 3 * (logit_bytes(device) - logit_bytes(torch::kCPU));
  require_memory(model::read_shape(config.trainee.model), config.trainee, demand,
                 (given > 0 ? given : model::free_memory_on(device)) - more_logits);
}

} // namespace

TrainSummary train_sft(const SftConfig& config, const TrainContext& context) {
  config.check();
  const auto team = gathered(config.trainee, context);
  Samples data = read_samples(config, config.data);
  log_data(data);
  std::optional<Samples> eval_data;
  if (!config.eval_data.empty())
    eval_data = read_samples(config, {config.eval_data.string()});
  require_room(config, data, model::device_named(config.trainee.device, context.place.local_rank));
  Run run = open_run(config.run, settings_of(of_all(config, team->size()), config.data), *team);
  model::Network network = load_network(config.trainee, context.place);
  Trainee trainee =
      make_trainee(network, config.trainee, static_cast<std::uint64_t>(config.run.seed));
  Sft sft(config, network, *team, std::move(data), std::move(eval_data));

  const LoopConfig loop{
      .optimizer = config.optimizer,
      .run = config.run,
      .steps = sft.steps(),
      .peak = context.on_begin ? machine_peak(network) * static_cast<double>(team->size()) : 0};
  TrainSummary summary = run_recipe(sft, trainee, *team, run, loop, context);
  summary.samples = static_cast<std::int64_t>(sft.data().samples.size());
  summary.truncated = sft.data().truncated;
  summary.dropped = sft.data().dropped;
  return summary;
}

} // namespace quill::train
