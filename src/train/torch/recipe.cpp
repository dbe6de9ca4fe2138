#include "train/torch/recipe.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "quill/core/clock.hpp"
#include "quill/core/log.hpp"

namespace quill::train {

std::vector<std::string> free_settings() {
  return {"out", "resume", "checkpoint_every", "keep", "memory_mb", "device"};
}

std::int64_t logit_bytes(torch::Device device) {
  constexpr std::int64_t kInCache = std::int64_t{16} << 20U, kOnGpu = std::int64_t{512} << 20U;
  return device.is_cuda() ? kOnGpu : kInCache;
}

model::Network load_network(const TraineeConfig& config, const Place& place) {
  if (config.threads > 0)
    at::set_num_threads(static_cast<int>(config.threads));
  model::Network::Options options;
  if (config.method == "full" || config.dtype == "float32")
    options.dtype = torch::kFloat32;
  else if (config.dtype == "bfloat16")
    options.dtype = torch::kBFloat16;
  options.four_bits = config.method == "qlora";
  options.device = model::device_named(config.device, place.local_rank);
  return model::Network::load(config.model, options);
}

std::unique_ptr<Team> gathered(const TraineeConfig& config, const TrainContext& context) {
  const Place& place = context.place;
  auto team = make_team(place, model::device_named(config.device, place.local_rank));
  if (!team->leads())
    set_log_level(LogLevel::warn);
  return team;
}

Run open_run(const RunConfig& config, const Json& settings, Team& team) {
  if (!team.leads())
    team.meet();
  Run run(config.out, settings, free_settings(), config.resume, team.leads());
  if (team.leads())
    team.meet();
  return run;
}

TrainSummary run_recipe(Algorithm& algorithm, Trainee& trainee, Team& team, Run& run,
                        const LoopConfig& loop, const TrainContext& context) {
  const double begin_ms = context.clock.now_ms();
  const LoopState state = run_steps(algorithm, trainee, team, run, loop, context);
  const auto path = run.folder() / trainee.kind;
  if (!state.stopped && team.leads())
    write_trainee(trainee, path);
  return {.steps = state.step,
          .steps_wanted = loop.steps,
          .tokens = state.tokens,
          .parameters = trainee.size(),
          .seconds = (context.clock.now_ms() - begin_ms) / 1000,
          .loss = state.loss,
          .eval_loss = state.eval_loss,
          .eval_loss_best = state.eval_loss_best,
          .path = path,
          .stopped = state.stopped,
          .leads = team.leads()};
}

AnswerBatch answer_batch(const std::vector<PromptAndAnswer>& answers, torch::Device device) {
  std::vector<std::vector<model::TokenId>> sequences;
  std::vector<std::int64_t> rows, targets, answer;
  std::int64_t begin = 0;
  for (std::size_t number = 0; number < answers.size(); ++number) {
    const PromptAndAnswer& each = answers[number];
    const auto prompt = static_cast<std::int64_t>(each.prompt.size());
    auto told = each.told.begin();
    for (std::size_t i = 0; i < each.answer.size(); ++i) {
      while (told != each.told.end() && i >= told->second)
        ++told;
      if (told != each.told.end() && i >= told->first)
        continue;
      rows.push_back(begin + prompt + static_cast<std::int64_t>(i) - 1);
      targets.push_back(each.answer[i]);
      answer.push_back(static_cast<std::int64_t>(number));
    }
    std::vector<model::TokenId> sequence = each.prompt;
    sequence.insert(sequence.end(), each.answer.begin(), each.answer.end());
    begin += static_cast<std::int64_t>(sequence.size());
    sequences.push_back(std::move(sequence));
  }
  const auto tensor = [&](const std::vector<std::int64_t>& values) {
    return torch::tensor(values, torch::kInt64).to(device);
  };
  return {model::pack(sequences, device), tensor(rows), tensor(targets), tensor(answer)};
}

} // namespace quill::train
