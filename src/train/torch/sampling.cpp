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

std::int64_t longest(const RolloutConfig& config, std::int64_t positions_max) {
  return config.length_max == 0 ? positions_max : std::min(config.length_max, positions_max);
}

std::vector<std::vector<model::TokenId>> prompts_of(const std::vector<Exercise>& exercises,
                                                    const model::ChatFormat& format,
                                                    std::int64_t room) {
  std::vector<std::vector<model::TokenId>> prompts;
  for (const Exercise& exercise : exercises) {
    prompts.push_back(format.generation(exercise.prompt).prompt);
    if (static_cast<std::int64_t>(prompts.back().size()) >= room)
      throw Error{Exit::usage,
                  {.what = fmt::format("the prompt of \"{}\" has {} tokens, room is for {}",
                                       exercise.id, prompts.back().size(), room - 1),
                   .where = "data",
                   .fix = "leave that line out, give a larger --max-length, or take a model that "
                          "reads more"}};
  }
  return prompts;
}

void append(Completion& completion, const model::Answer& answer) {
  completion.ids.insert(completion.ids.end(), answer.ids.begin(), answer.ids.end());
  completion.logprobs.insert(completion.logprobs.end(), answer.logprobs.begin(),
                             answer.logprobs.end());
  completion.text = answer.text;
  completion.ended = answer.finish_reason == "stop";
}

} // namespace

void share(Team& team, std::vector<Completion>& completions, const std::vector<std::size_t>& mine) {
  if (team.size() == 1)
    return;
  Json done = Json::array();
  for (const std::size_t number : mine)
    done.push_back({number, to_json(completions[number])});
  for (const std::string& text : team.gather(dump_json(done)))
    for (const Json& each : parse_json(text, "completions of a process"))
      completions[each[0].get<std::size_t>()] =
          completion_from_json(each[1], "completions of a process");
}

Rollouts::Rollouts(const Asking& asking, const std::filesystem::path& model,
                   const model::Network& network, const Run& run, Team& team, std::uint64_t seed,
                   const TrainContext& context)
    : asking_(asking), config_(asking.rollout), network_(network), run_(run), team_(team),
      seed_(seed), clock_(context.clock), format_(model::ChatFormat::read(model)),
      repair_(llm::PromptFile::load(shipped_folder() / "prompts" / "repair.md", {"error"})),
      exercises_(read_exercises(config_, context.cancel)),
      length_max_(longest(config_, network.shape().positions_max)),
      prompts_(prompts_of(exercises_, format_, length_max_)),
      plan_(plan_of(config_, exercises_.size(), seed)),
      reward_(make_reward(asking.reward, never_)) {
  if (!team.leads())
    return;
  make_folder(run.folder() / "rollouts");
  remove_leftovers(run.folder() / "rollouts");
}

Rollouts::~Rollouts() = default;

std::filesystem::path Rollouts::place_of(std::int64_t number) const {
  return run_.folder() / "rollouts" / fmt::format("round-{:08}.jsonl", number + 1);
}

/// As the process that leads sees it: all go the same way.
bool Rollouts::is_on_disk(std::int64_t number) {
  return team_.any(team_.leads() && std::filesystem::exists(place_of(number)));
}

void Rollouts::begin(std::int64_t number) {
  if (is_on_disk(number))
    return;
  next_ = number;
  ahead_ = std::async(std::launch::async, [this, number, network = network_.snapshot()] {
    return sampled(number, network);
  });
}

Round Rollouts::round(std::int64_t number) {
  const bool ahead = ahead_.valid() && next_ == number;
  if (!ahead && is_on_disk(number))
    return read_back(number);
  Round round = ahead ? ahead_.get() : sampled(number, network_);
  share(team_, round.completions, mine(round));
  require_judged(number, round.completions);
  keep(number, round.completions);
  return round;
}

Round Rollouts::read_back(std::int64_t number) const {
  const auto path = place_of(number);
  Round round;
  read_jsonl(path, [&](const Json& value, std::size_t line) {
    round.completions.push_back(
        completion_from_json(value, fmt::format("{}:{}", path.string(), line)));
  });
  return round;
}

std::vector<std::size_t> Rollouts::mine(const Round& round) const {
  std::vector<std::size_t> numbers;
  const auto group = static_cast<std::size_t>(config_.generations);
  const auto rank = static_cast<std::size_t>(team_.rank());
  for (std::size_t number = 0; number < round.completions.size(); ++number)
    if (number / group % static_cast<std::size_t>(team_.size()) == rank)
      numbers.push_back(number);
  return numbers;
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
  if (!team_.leads())
    return;
  std::string lines;
  for (const Completion& completion : completions)
    lines += dump_json(to_json(completion)) + "\n";
  real_disk().write_atomic(place_of(number), lines);
}

Round Rollouts::sampled(std::int64_t number, const model::Network& network) {
  const torch::NoGradGuard no_grad;
  Round round;
  write(network, first_turn(number, round.completions), round);
  for (std::int64_t turn = 2; turn <= asking_.turns; ++turn) {
    const Rng rng = Rng(seed_)
                        .child("repair", static_cast<std::uint64_t>(number))
                        .child("turn", static_cast<std::uint64_t>(turn));
    write(network, next_turn(rng, round.completions), round);
  }
  return round;
}

model::Generation Rollouts::generation(std::vector<model::TokenId> prompt, std::int64_t samples,
                                       std::uint64_t seed) const {
  model::Generation generation;
  generation.tokens_max =
      std::min(config_.tokens_max, length_max_ - static_cast<std::int64_t>(prompt.size()));
  generation.prompt = std::move(prompt);
  generation.samples = samples;
  generation.sampling = {.temperature = config_.temperature,
                         .top_k = config_.top_k,
                         .top_p = config_.top_p,
                         .min_p = config_.min_p,
                         .seed = seed};
  generation.end_tokens = format_.end_tokens;
  generation.logprobs = true;
  return generation;
}

std::vector<Rollouts::Asked> Rollouts::first_turn(std::int64_t number,
                                                  std::vector<Completion>& completions) {
  const Rng rng = Rng(seed_).child("rollout", static_cast<std::uint64_t>(number));
  const auto chosen = plan_.step(number, 0).front();
  std::vector<Asked> asked;
  const auto processes = static_cast<std::size_t>(team_.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (i % processes == static_cast<std::size_t>(team_.rank()))
      asked.push_back({completions.size(), generation(prompts_[chosen[i]], config_.generations,
                                                      rng.child("exercise", i).next())});
    completions.insert(completions.end(), static_cast<std::size_t>(config_.generations),
                       Completion{.exercise = chosen[i], .prompt = prompts_[chosen[i]]});
  }
  return asked;
}

/// Completions whose query did not run, with what it failed with behind them.
std::vector<Rollouts::Asked> Rollouts::next_turn(const Rng& rng,
                                                 std::vector<Completion>& completions) const {
  std::vector<Asked> asked;
  for (std::size_t place = 0; place < completions.size(); ++place) {
    Completion& each = completions[place];
    if (!each.score.value || each.score.error.empty())
      continue;
    const auto words = told(each);
    std::vector<model::TokenId> prompt = each.prompt;
    prompt.insert(prompt.end(), each.ids.begin(), each.ids.end());
    prompt.insert(prompt.end(), words.begin(), words.end());
    if (static_cast<std::int64_t>(prompt.size()) >= length_max_)
      continue;
    each.told.emplace_back(each.ids.size(), each.ids.size() + words.size());
    each.ids.insert(each.ids.end(), words.begin(), words.end());
    each.logprobs.resize(each.ids.size(), 0);
    asked.push_back({place, generation(std::move(prompt), 1, rng.child("place", place).next())});
  }
  return asked;
}

/// What stands between an answer that failed and the next try: the ids that were sampled stay as
/// they are, only what comes behind them is made from the template.
std::vector<model::TokenId> Rollouts::told(const Completion& completion) const {
  std::vector<llm::Message> messages = exercises_[completion.exercise].prompt;
  const std::string before = format_.chat.render(messages, true);
  messages.push_back({"assistant", ""});
  for (llm::Message& message : repair_.render({{"error", completion.score.error}}))
    messages.push_back(std::move(message));
  const std::string whole = format_.chat.render(messages, true);
  QUILL_CHECK(whole.starts_with(before), "a template that writes a past answer differently");
  const std::size_t mark = whole.find(format_.chat.turn_end(), before.size());
  QUILL_CHECK(mark != std::string::npos, "a template that ends no turn");
  auto ids = format_.tokenizer.encode_rest(whole.substr(mark));
  if (completion.ended && !ids.empty() && ids.front() == completion.ids.back())
    ids.erase(ids.begin());
  return ids;
}

/// Answers, each judged while others are being written.
void Rollouts::write(const model::Network& network, std::vector<Asked> asked, Round& round) const {
  std::vector<std::size_t> places;
  for (const Asked& each : asked)
    for (std::int64_t sample = 0; sample < each.generation.samples; ++sample)
      places.push_back(each.place + static_cast<std::size_t>(sample));
  if (places.empty())
    return;
  const double begin_ms = clock_.now_ms();
  const auto group = static_cast<std::size_t>(asked.front().generation.samples);
  Grading grading(*reward_, asking_.reward.jobs, places.size(), group);
  const auto decoder = model::make_decoder(network);
  constexpr std::int64_t kSlots = 64;
  model::Scheduler scheduler(*decoder, format_.tokenizer, kSlots);
  for (std::size_t i = 0; i < asked.size(); ++i)
    scheduler.add(std::move(asked[i].generation),
                  [&, i](std::int64_t sample, const model::Answer& so_far) {
                    if (so_far.finish_reason.empty())
                      return true;
                    const std::size_t number = i * group + static_cast<std::size_t>(sample);
                    Completion& completion = round.completions[places[number]];
                    append(completion, so_far);
                    grading.add(number, {&exercises_[completion.exercise], so_far.text});
                    return true;
                  });
  while (scheduler.step()) {
  }
  const double sampled_ms = clock_.now_ms();
  auto scores = grading.scores();
  for (std::size_t number = 0; number < scores.size(); ++number)
    round.completions[places[number]].score = std::move(scores[number]);
  round.times.sampling_ms += sampled_ms - begin_ms;
  round.times.waiting_ms += clock_.now_ms() - sampled_ms;
  round.times.judging_ms += grading.judging_ms();
}

} // namespace quill::train
