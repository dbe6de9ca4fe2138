// What an answer is worth: small rewards, each exact and each saying why; the database is the
// judge.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "quill/core/settings.hpp"
#include "quill/core/thread_pool.hpp"
#include "quill/llm/client.hpp"

namespace quill {
class Cancel;
}

namespace quill::train {

/// What is asked of a model, with what its answer is judged by.
struct Exercise {
  std::string id;
  std::vector<llm::Message> prompt;
  std::vector<std::filesystem::path> databases; ///< contents it must be right on, at least one
  std::vector<std::string> gold;                ///< NL→SQL: accepted queries
  std::string before;                           ///< slow→fast: the slow query
};

/// An answer to an exercise, which must outlive it.
struct Attempt {
  const Exercise* exercise = nullptr;
  std::string answer;
};

struct Score {
  std::optional<double> value = {}; ///< none: it could not be judged, and teaches nothing
  std::string why = {};
  std::vector<std::pair<std::string, double>> parts = {}; ///< of a composite
  bool forbidden = false;                                 ///< the sandbox refused what it tried
  std::string error = {};                                 ///< it did not run: what was said to it
};

/// Thread-safe.
class Reward {
 public:
  virtual ~Reward() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Never throws for what an answer holds.
  [[nodiscard]] virtual Score of(const Attempt& attempt) = 0;
  /// In the order of the attempts.
  [[nodiscard]] virtual std::vector<Score> of_all(const std::vector<Attempt>& attempts);
  /// Whether of_all() costs less than as many of(): answers are then judged by exercise.
  [[nodiscard]] virtual bool batched() const { return false; }
};

/// The scores of one reward times their weights, added up; a part that could not be judged leaves
/// the whole unjudged.
class CompositeReward final : public Reward {
 public:
  struct Part {
    std::shared_ptr<Reward> reward;
    double weight = 1;
  };
  CompositeReward(std::string name, std::vector<Part> parts);
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Score of(const Attempt& attempt) override;
  [[nodiscard]] std::vector<Score> of_all(const std::vector<Attempt>& attempts) override;
  [[nodiscard]] bool batched() const override;

 private:
  std::string name_;
  std::vector<Part> parts_;
};

/// The same answer to the same exercise is judged once. What could not be judged is tried again.
class CachedReward final : public Reward {
 public:
  CachedReward(std::shared_ptr<Reward> inner, std::size_t entries_max);
  [[nodiscard]] std::string name() const override { return inner_->name(); }
  [[nodiscard]] Score of(const Attempt& attempt) override;
  [[nodiscard]] std::vector<Score> of_all(const std::vector<Attempt>& attempts) override;
  [[nodiscard]] bool batched() const override { return inner_->batched(); }
  [[nodiscard]] std::int64_t hits() const;

 private:
  using Key = std::pair<std::string, std::string>; ///< exercise and answer
  [[nodiscard]] static Key key_of(const Attempt& attempt);
  [[nodiscard]] std::optional<Score> known(const Key& key);
  void remember(const Key& key, const Score& score);
  std::shared_ptr<Reward> inner_;
  std::size_t entries_max_;
  mutable std::mutex mutex_;
  std::map<Key, Score> known_;
  std::int64_t hits_ = 0;
};

/// Runs queries in sandboxed workers and remembers what came of them; thread-safe.
class Bench;
/// At most `workers` of them live at a time beside those in use.
[[nodiscard]] std::shared_ptr<Bench> make_bench(std::int64_t timeout_ms, std::size_t workers,
                                                const Cancel& cancel);

/// 1 for SQL that parses, -0.5 for what does not, or is none.
[[nodiscard]] std::shared_ptr<Reward> syntax_reward(std::shared_ptr<Bench> bench);
/// On every content of its database: 1 for the rows of an accepted query, 0.3 for others, -0.8
/// for an error or a time-out, -0.5 for bad syntax.
[[nodiscard]] std::shared_ptr<Reward> execution_reward(std::shared_ptr<Bench> bench);
/// 2 s - 1, with s the similarity of the trees (pq-grams, names and literals count) to the nearest
/// accepted query; -1 for what has no tree.
[[nodiscard]] std::shared_ptr<Reward> semantic_reward(std::shared_ptr<Bench> bench);
/// What a faster query is worth by `reward_of` of room judge: 0 for a wrong answer or one that did
/// not run. Speed is counted in VM steps, so that the same answer is worth the same again.
[[nodiscard]] std::shared_ptr<Reward> speed_reward(std::shared_ptr<Bench> bench);

/// What a program of the user's says. It is started in /bin/sh for the answers of an exercise, gets
/// one line of JSON for each: {"id", "prompt": [{"role", "content"}], "answer", "databases",
/// "gold", "before"}, and writes one line for each, in their order: {"reward": number or null,
/// "why", "error": what to say to an answer that may try again}. When it fails, writes another
/// number of lines or does not end within `timeout_ms`, its answers are not judged.
[[nodiscard]] std::shared_ptr<Reward> command_reward(std::string command, std::int64_t timeout_ms);

/// How answers are rewarded.
struct RewardConfig {
  std::string reward = "sql";               ///< sql | execution | speed
  std::string command;                      ///< "": none; else in place of `reward`
  std::int64_t command_timeout_ms = 60'000; ///< of the answers to one exercise
  double syntax_weight = 0.2, execution_weight = 0.6, semantic_weight = 0.2;
  std::int64_t timeout_ms = 5000; ///< of one query
  std::int64_t jobs = 2;          ///< answers judged at a time
  void fields(FieldList& list);
};
/// With a cache around it.
[[nodiscard]] std::shared_ptr<Reward> make_reward(const RewardConfig& config, const Cancel& cancel);

/// Answers judged while others are being written, `jobs` at a time. Not thread-safe.
class Grading {
 public:
  /// Of `attempts` attempts, `group` to each exercise one after the other. `reward` must outlive
  /// it.
  Grading(Reward& reward, std::int64_t jobs, std::size_t attempts, std::size_t group);
  /// Attempt `number` is there; each is given once.
  void add(std::size_t number, Attempt attempt);
  /// Waits for all of them; in the order of their numbers.
  [[nodiscard]] std::vector<Score> scores();
  /// What judging took, each answer for itself.
  [[nodiscard]] double judging_ms() const { return judging_ms_.load(); }

 private:
  void submit(std::vector<std::size_t> numbers);
  Reward& reward_;
  std::size_t group_;
  std::vector<Attempt> attempts_;
  std::vector<Score> scores_;
  std::vector<std::vector<std::size_t>> arrived_; ///< by group, where the reward is batched
  std::vector<std::future<void>> waiting_;
  std::atomic<double> judging_ms_ = 0;
  ThreadPool pool_; ///< the last member: its threads write into the others
};

} // namespace quill::train
