#include "train/torch/sampling.hpp"

#include <algorithm>

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/log.hpp"
#include "quill/core/random.hpp"
#include "quill/model/scheduler.hpp"

namespace quill::train {

namespace {

BatchPlan plan_of(const RolloutConfig& config, std::size_t exercises, std::uint64_t seed) {
  return {{.weights = {}, .rows_per_batch = config.exercises, .seed = seed},
          std::vector<std::int64_t>(exercises, 1),
          std::vector<std::size_t>(exercises, 0)};
}

std::vector<std::vector<model::TokenId>> prompts_of(const std::vector<Exercise>& exercises,
                                                    const model::ChatFormat& format,
                                                    std::int64_t room) {
  std::vector<std::vector<model::TokenId>> prompts;
  for (const Exercise& exercise : exercises) {
    prompts.push_back(format.generation(exercise.prompt).prompt);
    if (static_cast<std::int64_t>(prompts.back().size()) >= room)
      throw Error{Exit::usage,
                  {.what = fmt::format("the prompt of \"{}\" has {} tokens, the model reads {}",
                                       exercise.id, prompts.back().size(), room - 1),
                   .where = "data",
                   .fix = "leave that line out, or take a model that reads more"}};
  }
  return prompts;
}

} // namespace

Rollouts::Rollouts(const RolloutConfig& config, const RewardConfig& reward,
                   const std::filesystem::path& model, model::Network& network, const Run& run,
                   std::uint64_t seed, const Cancel& cancel)
    : config_(config), reward_config_(reward), network_(network), run_(run), seed_(seed),
      format_(model::ChatFormat::read(model)), exercises_(read_exercises(config, cancel)),
      prompts_(prompts_of(exercises_, format_, network.shape().positions_max)),
      plan_(plan_of(config, exercises_.size(), seed)), reward_(make_reward(reward, never_)) {
  make_folder(run.folder() / "rollouts");
}

Rollouts::~Rollouts() = default;

std::filesystem::path Rollouts::place_of(std::int64_t number) const {
  return run_.folder() / "rollouts" / fmt::format("round-{:08}.jsonl", number + 1);
}

std::vector<Completion> Rollouts::round(std::int64_t number, bool fresh) {
  const auto path = place_of(number);
  std::vector<Completion> completions;
  if (!fresh) {
    read_jsonl(path, [&](const Json& value, std::size_t line) {
      completions.push_back(completion_from_json(value, fmt::format("{}:{}", path.string(), line)));
    });
    return completions;
  }
  completions = sampled(number);
  require_judged(number, completions);
  keep(number, completions);
  return completions;
}

void Rollouts::require_judged(std::int64_t number,
                              const std::vector<Completion>& completions) const {
  std::size_t unjudged = 0;
  for (const Completion& each : completions)
    unjudged += each.score.value ? 0 : 1;
  if (unjudged == 0)
    return;
  const auto first = std::find_if(completions.begin(), completions.end(),
                                  [](const Completion& each) { return !each.score.value; });
  if (unjudged == completions.size())
    throw Error{Exit::usage,
                {.what = fmt::format("none of the {} answers of round {} could be judged: {}",
                                     unjudged, number + 1, first->score.why),
                 .where = exercises_[first->exercise].id,
                 .fix = "mend what the reward needs (accepted queries, databases, the program of "
                        "--reward-command) and go on with --resume"}};
  log_warn(fmt::format("round {}: {} of {} answers could not be judged and teach nothing; the "
                       "first: {}",
                       number + 1, unjudged, completions.size(), first->score.why));
}

void Rollouts::keep(std::int64_t number, const std::vector<Completion>& completions) const {
  std::string lines;
  for (const Completion& completion : completions)
    lines += dump_json(to_json(completion)) + "\n";
  real_disk().write_atomic(place_of(number), lines);
}

model::Generation Rollouts::asked(std::size_t exercise, const Rng& rng, std::size_t place) const {
  model::Generation generation;
  generation.prompt = prompts_[exercise];
  generation.tokens_max = config_.tokens_max;
  generation.samples = config_.generations;
  generation.sampling = {.temperature = config_.temperature,
                         .top_k = config_.top_k,
                         .top_p = config_.top_p,
                         .min_p = config_.min_p,
                         .seed = rng.child("exercise", place).next()};
  generation.end_tokens = format_.end_tokens;
  generation.logprobs = true;
  return generation;
}

std::vector<Completion> Rollouts::sampled(std::int64_t number) {
  const torch::NoGradGuard no_grad;
  const Rng rng = Rng(seed_).child("rollout", static_cast<std::uint64_t>(number));
  const auto chosen = plan_.step(number, 0).front();
  const auto group = static_cast<std::size_t>(config_.generations);
  std::vector<Completion> completions(chosen.size() * group);
  Grading grading(*reward_, reward_config_.jobs, completions.size(), group);
  const auto decoder = model::make_decoder(network_);
  constexpr std::int64_t kSlots = 64;
  model::Scheduler scheduler(*decoder, format_.tokenizer, kSlots);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    scheduler.add(asked(chosen[i], rng, i),
                  [&, i](std::int64_t sample, const model::Answer& so_far) {
                    if (so_far.finish_reason.empty())
                      return true;
                    const std::size_t place = i * group + static_cast<std::size_t>(sample);
                    completions[place] = completion_of(chosen[i], so_far);
                    grading.add(place, {&exercises_[chosen[i]], so_far.text});
                    return true;
                  });
  while (scheduler.step()) {
  }
  auto scores = grading.scores();
  for (std::size_t i = 0; i < scores.size(); ++i)
    completions[i].score = std::move(scores[i]);
  return completions;
}

Completion Rollouts::completion_of(std::size_t exercise, const model::Answer& answer) const {
  return {.exercise = exercise,
          .prompt = prompts_[exercise],
          .ids = answer.ids,
          .logprobs = answer.logprobs,
          .text = answer.text,
          .ended = answer.finish_reason == "stop",
          .score = {}};
}

} // namespace quill::train
