// The rewards that ask the database.
#include <algorithm>

#include <fmt/format.h>

#include "quill/core/cancel.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/sql/similarity.hpp"
#include "quill/task/candidate.hpp"
#include "quill/task/question.hpp"
#include "quill/train/reward.hpp"
#include "train/bench.hpp"

namespace quill::train {

namespace {

constexpr double kPerfect = 1, kOtherRows = 0.3, kFailed = -0.8, kBadSyntax = -0.5;

/// A database that cannot be opened, a worker that cannot start: not the answer's fault.
template <class Judging> Score unless_judge_fails(const Judging& judging) {
  try {
    return judging();
  } catch (const Error& error) {
    return {.value = std::nullopt, .why = fmt::format("not judged: {}", error.what())};
  }
}

class SqlAnswerReward : public Reward {
 public:
  explicit SqlAnswerReward(std::shared_ptr<Bench> bench) : bench_(std::move(bench)) {}

  [[nodiscard]] Score of(const Attempt& attempt) final {
    const auto query = task::extract_query(attempt.answer);
    if (!query)
      return {.value = without_query(), .why = query.failure().what, .error = query.failure().what};
    return unless_judge_fails([&] { return of_query(*attempt.exercise, query.value()); });
  }

 protected:
  [[nodiscard]] virtual double without_query() const = 0;
  [[nodiscard]] virtual Score of_query(const Exercise& exercise, const std::string& query) = 0;
  [[nodiscard]] Bench& bench() const { return *bench_; }

 private:
  std::shared_ptr<Bench> bench_;
};

class SyntaxReward final : public SqlAnswerReward {
 public:
  using SqlAnswerReward::SqlAnswerReward;
  [[nodiscard]] std::string name() const override { return "syntax"; }

 private:
  [[nodiscard]] double without_query() const override { return kBadSyntax; }
  [[nodiscard]] Score of_query(const Exercise& exercise, const std::string& query) override {
    const auto outcome = bench().run(exercise.databases.front(), query);
    if (outcome->cause == engine::Cause::syntax)
      return {.value = kBadSyntax, .why = outcome->message};
    return {.value = kPerfect, .why = "it parses"};
  }
};

class ExecutionReward final : public SqlAnswerReward {
 public:
  using SqlAnswerReward::SqlAnswerReward;
  [[nodiscard]] std::string name() const override { return "execution"; }

 private:
  [[nodiscard]] double without_query() const override { return kBadSyntax; }

  [[nodiscard]] Score of_query(const Exercise& exercise, const std::string& query) override {
    std::string why;
    for (const std::string& gold : exercise.gold) {
      Score score = against(exercise, gold, query);
      if (score.value != kOtherRows)
        return score;
      why = std::move(score.why);
    }
    return {.value = kOtherRows, .why = why};
  }

  /// Right against one accepted query, on every content.
  [[nodiscard]] Score against(const Exercise& exercise, const std::string& gold,
                              const std::string& query) {
    const judge::AnswerShape like = shape(exercise.databases.front(), gold);
    for (const auto& database : exercise.databases) {
      const auto wanted = bench().run(database, gold);
      if (!wanted->ok())
        return {.value = std::nullopt,
                .why =
                    fmt::format("not judged: the accepted query did not run: {}", wanted->message)};
      const auto outcome = bench().run(database, query);
      if (!outcome->ok())
        return failed(*outcome);
      const auto compared = judge::compare(wanted->answer, outcome->answer, like);
      if (!compared.same)
        return {.value = kOtherRows, .why = compared.reason};
    }
    return {.value = kPerfect, .why = "the same rows"};
  }

  static Score failed(const Outcome& outcome) {
    if (outcome.status == engine::Status::row_limit)
      return {.value = kOtherRows, .why = "more rows than are compared"};
    const double value = outcome.cause == engine::Cause::syntax ? kBadSyntax : kFailed;
    return {.value = value,
            .why = fmt::format("{}: {}", engine::to_string(outcome.status), outcome.message),
            .forbidden = outcome.cause == engine::Cause::forbidden,
            .error = outcome.message};
  }

  /// A list where the accepted query orders. Reals of every column may differ by 1e-9: a sum of
  /// the same numbers in another order is no mistake.
  [[nodiscard]] judge::AnswerShape shape(const std::filesystem::path& database,
                                         const std::string& gold) {
    constexpr std::size_t kColumnsMax = 2000; // SQLite's own limit
    const auto tree = bench().parsed(database, gold);
    return {.ordered = tree && !tree.value()->order_by.empty(),
            .approximate = std::vector<bool>(kColumnsMax, true)};
  }
};

class SemanticReward final : public SqlAnswerReward {
 public:
  using SqlAnswerReward::SqlAnswerReward;
  [[nodiscard]] std::string name() const override { return "semantic"; }

 private:
  [[nodiscard]] double without_query() const override { return -1; }

  [[nodiscard]] Score of_query(const Exercise& exercise, const std::string& query) override {
    const auto& database = exercise.databases.front();
    const auto tree = bench().parsed(database, query);
    if (!tree)
      return {.value = -1, .why = "it has no tree: " + tree.failure().what};
    const auto profile = sql::gram_profile(*tree.value(), kEverything);
    double nearest = 0;
    bool compared = false;
    for (const std::string& gold : exercise.gold)
      if (const auto wanted = bench().parsed(database, gold)) {
        const auto other = sql::gram_profile(*wanted.value(), kEverything);
        nearest = std::max(nearest, sql::similarity(profile, other));
        compared = true;
      }
    if (!compared)
      return {.value = std::nullopt, .why = "not judged: no accepted query has a tree"};
    return {.value = 2 * nearest - 1, .why = fmt::format("{:.3f} alike", nearest)};
  }

  static constexpr sql::Detail kEverything{.names = true, .literals = true};
};

class SpeedReward final : public Reward {
 public:
  explicit SpeedReward(std::shared_ptr<Bench> bench) : bench_(std::move(bench)) {}
  [[nodiscard]] std::string name() const override { return "speed"; }

  [[nodiscard]] Score of(const Attempt& attempt) override {
    const auto candidate = task::extract_candidate(attempt.answer);
    if (!candidate)
      return {.value = 0, .why = candidate.failure().what, .error = candidate.failure().what};
    return unless_judge_fails([&] { return judged(*attempt.exercise, candidate.value()); });
  }

 private:
  [[nodiscard]] Score judged(const Exercise& exercise, const task::Candidate& candidate) {
    judge::JudgeConfig config;
    config.measure = "steps";
    config.timeout_ms = bench_->limits().timeout_ms;
    sql::Pair pair;
    pair.id = exercise.id;
    pair.before = exercise.before;
    pair.after = candidate.after.empty() ? exercise.before : candidate.after;
    pair.indexes = candidate.indexes;
    const judge::Verdict verdict =
        bench_->with_session(exercise.databases.front(), [&](engine::Session& session) {
          return judge::Judge(session, config, &bench_->cancel()).evaluate(pair);
        });
    return score_of(verdict);
  }

  static Score score_of(const judge::Verdict& verdict) {
    if (verdict.status == judge::PairStatus::before_failed)
      return {.value = std::nullopt, .why = "not judged: before failed: " + verdict.reason};
    if (verdict.status != judge::PairStatus::ok)
      return {.value = 0,
              .why = verdict.reason,
              .forbidden = verdict.status == judge::PairStatus::blocked,
              .error = verdict.reason};
    if (verdict.correct == false)
      return {.value = 0, .why = verdict.reason};
    if (!verdict.correct || !verdict.reward)
      return {.value = std::nullopt, .why = "not judged: " + verdict.reason};
    return {.value = verdict.reward,
            .why = fmt::format("the same rows, {:.2f} times as fast", verdict.speedup.value_or(1))};
  }

  std::shared_ptr<Bench> bench_;
};

} // namespace

std::shared_ptr<Reward> syntax_reward(std::shared_ptr<Bench> bench) {
  return std::make_shared<SyntaxReward>(std::move(bench));
}
std::shared_ptr<Reward> execution_reward(std::shared_ptr<Bench> bench) {
  return std::make_shared<ExecutionReward>(std::move(bench));
}
std::shared_ptr<Reward> semantic_reward(std::shared_ptr<Bench> bench) {
  return std::make_shared<SemanticReward>(std::move(bench));
}
std::shared_ptr<Reward> speed_reward(std::shared_ptr<Bench> bench) {
  return std::make_shared<SpeedReward>(std::move(bench));
}

} // namespace quill::train
