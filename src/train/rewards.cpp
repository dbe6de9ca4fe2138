#include "quill/train/reward.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"

namespace quill::train {

std::vector<Score> Reward::of_all(const std::vector<Attempt>& attempts) {
  std::vector<Score> scores;
  for (const Attempt& each : attempts)
    scores.push_back(of(each));
  return scores;
}

namespace {

void add(Score& whole, const CompositeReward::Part& part, const Score& score) {
  whole.why +=
      fmt::format("{}{}: {}", whole.why.empty() ? "" : "; ", part.reward->name(), score.why);
  whole.forbidden = whole.forbidden || score.forbidden;
  if (whole.error.empty())
    whole.error = score.error;
  if (!score.value) {
    whole.value.reset();
    return;
  }
  whole.parts.emplace_back(part.reward->name(), *score.value);
  if (whole.value)
    *whole.value += part.weight * *score.value;
}

} // namespace

CompositeReward::CompositeReward(std::string name, std::vector<Part> parts)
    : name_(std::move(name)), parts_(std::move(parts)) {}

Score CompositeReward::of(const Attempt& attempt) {
  Score whole{.value = 0, .why = ""};
  for (const Part& part : parts_)
    add(whole, part, part.reward->of(attempt));
  return whole;
}

std::vector<Score> CompositeReward::of_all(const std::vector<Attempt>& attempts) {
  std::vector<Score> wholes(attempts.size(), Score{.value = 0, .why = ""});
  for (const Part& part : parts_) {
    const auto scores = part.reward->of_all(attempts);
    for (std::size_t i = 0; i < wholes.size(); ++i)
      add(wholes[i], part, scores[i]);
  }
  return wholes;
}

bool CompositeReward::batched() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.reward->batched(); });
}

CachedReward::CachedReward(std::shared_ptr<Reward> inner, std::size_t entries_max)
    : inner_(std::move(inner)), entries_max_(entries_max) {}

CachedReward::Key CachedReward::key_of(const Attempt& attempt) {
  return {attempt.exercise->id, attempt.answer};
}

std::optional<Score> CachedReward::known(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(key);
  if (found == known_.end())
    return std::nullopt;
  ++hits_;
  return found->second;
}

void CachedReward::remember(const Key& key, const Score& score) {
  if (!score.value)
    return;
  const std::lock_guard lock(mutex_);
  if (known_.size() >= entries_max_)
    known_.clear(); // answers change as the model learns: the old ones rarely come again
  known_.emplace(key, score);
}

Score CachedReward::of(const Attempt& attempt) {
  const Key key = key_of(attempt);
  if (auto score = known(key))
    return *std::move(score);
  Score score = inner_->of(attempt);
  remember(key, score);
  return score;
}

std::vector<Score> CachedReward::of_all(const std::vector<Attempt>& attempts) {
  std::vector<Score> scores(attempts.size());
  std::vector<Attempt> asked;
  std::vector<std::size_t> of;
  for (std::size_t i = 0; i < attempts.size(); ++i)
    if (auto score = known(key_of(attempts[i]))) {
      scores[i] = *std::move(score);
    } else {
      asked.push_back(attempts[i]);
      of.push_back(i);
    }
  if (asked.empty())
    return scores;
  auto fresh = inner_->of_all(asked);
  for (std::size_t i = 0; i < of.size(); ++i) {
    remember(key_of(asked[i]), fresh[i]);
    scores[of[i]] = std::move(fresh[i]);
  }
  return scores;
}

std::int64_t CachedReward::hits() const {
  const std::lock_guard lock(mutex_);
  return hits_;
}

void RewardConfig::fields(FieldList& list) {
  list.add("reward", &reward,
           "what an answer is worth: syntax, execution and meaning together; its rows alone; how "
           "much faster it is")
      .one_of({"sql", "execution", "speed"});
  list.add("reward_command", &command,
           "your own program that says what answers are worth, in place of --reward");
  list.add("reward_command_timeout_ms", &command_timeout_ms,
           "its time limit, for the answers to one question")
      .in("ms")
      .range(1, 86'400'000);
  list.add("syntax_weight", &syntax_weight, "--reward sql: of the syntax").range(0, 100);
  list.add("execution_weight", &execution_weight, "--reward sql: of the rows").range(0, 100);
  list.add("semantic_weight", &semantic_weight,
           "--reward sql: of the likeness to the accepted query")
      .range(0, 100);
  list.add("reward_timeout_ms", &timeout_ms, "time limit of an answer's query")
      .in("ms")
      .range(1, 3'600'000);
  list.add("jobs", &jobs, "answers judged at a time").range(1, 256);
}

std::shared_ptr<Reward> make_reward(const RewardConfig& config, const Cancel& cancel) {
  constexpr std::size_t kScores = 100'000, kIdleWorkers = 32;
  const auto bench = make_bench(config.timeout_ms, kIdleWorkers, cancel);
  std::shared_ptr<Reward> reward;
  if (!config.command.empty())
    reward = command_reward(config.command, config.command_timeout_ms);
  else if (config.reward == "execution")
    reward = execution_reward(bench);
  else if (config.reward == "speed")
    reward = speed_reward(bench);
  else
    reward = std::make_shared<CompositeReward>(
        "sql",
        std::vector<CompositeReward::Part>{{syntax_reward(bench), config.syntax_weight},
                                           {execution_reward(bench), config.execution_weight},
                                           {semantic_reward(bench), config.semantic_weight}});
  return std::make_shared<CachedReward>(std::move(reward), kScores);
}

Grading::Grading(Reward& reward, std::int64_t jobs, std::size_t attempts, std::size_t group)
    : reward_(reward), group_(group), attempts_(attempts), scores_(attempts),
      arrived_(group > 0 ? (attempts + group - 1) / group : 0),
      pool_(static_cast<std::size_t>(jobs)) {}

void Grading::add(std::size_t number, Attempt attempt) {
  attempts_.at(number) = std::move(attempt);
  if (!reward_.batched())
    return submit({number});
  auto& together = arrived_.at(number / group_);
  together.push_back(number);
  if (together.size() == group_)
    submit(together);
}

void Grading::submit(std::vector<std::size_t> numbers) {
  waiting_.push_back(pool_.submit([this, numbers = std::move(numbers)] {
    std::vector<Attempt> together;
    for (const std::size_t number : numbers)
      together.push_back(attempts_[number]);
    const double begin_ms = system_clock().now_ms();
    auto found = reward_.of_all(together);
    judging_ms_ += system_clock().now_ms() - begin_ms;
    for (std::size_t i = 0; i < numbers.size(); ++i)
      scores_[numbers[i]] = std::move(found[i]);
  }));
}

std::vector<Score> Grading::scores() {
  for (auto& each : waiting_)
    each.get();
  return std::move(scores_);
}

} // namespace quill::train
