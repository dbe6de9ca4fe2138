#include "quill/eval/sql_scores.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "eval/bird_rows.hpp"
#include "eval/scorer.hpp"
#include "eval/totals.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/core/progress.hpp"
#include "quill/core/thread_pool.hpp"
#include "quill/engine/session.hpp"

namespace quill::eval {

namespace {

/// So many questions share one opening of their database.
constexpr std::size_t kTaskQuestions = 32;

/// What every task reads.
struct Input {
  const SqlEvalConfig& config;
  bool keys = false; ///< scores have their rows_key
  std::vector<Question> questions;
  std::map<std::string, std::string> predictions;
  std::map<std::string, ColumnSets> column_sets; ///< by db_id; from tables.json
  std::map<std::string, SuiteFiles> suites;      ///< by db_id

  [[nodiscard]] const std::string* prediction(const Question& question) const {
    const auto found = predictions.find(question.id);
    return found == predictions.end() ? nullptr : &found->second;
  }
};

std::map<std::string, std::string> predictions_in(const std::vector<SqlAnswer>& answers) {
  std::map<std::string, std::string> predictions;
  for (const SqlAnswer& answer : answers)
    if (!answer.sql.empty())
      predictions[answer.id] = answer.sql;
  return predictions;
}

Input read_input(const SqlEvalConfig& config, const std::vector<SqlAnswer>* answers) {
  Input input{.config = config,
              .questions = read_questions(config.questions),
              .predictions = {},
              .column_sets = {},
              .suites = {}};
  input.predictions = answers != nullptr ? predictions_in(*answers)
                                         : read_predictions(config.predictions, input.questions);
  if (!config.tables.empty())
    input.column_sets = read_column_sets(config.tables);
  for (const Question& question : input.questions)
    if (!input.suites.contains(question.db_id))
      input.suites[question.db_id] = find_suite(config.databases, question.db_id);
  return input;
}

engine::Limits limits_of(const SqlEvalConfig& config) {
  return {.rows = 0,
          .timeout_ms = config.timeout_ms,
          .memory_mb = config.memory_mb,
          .result_mb = config.result_mb};
}

void stop_when_asked(const Cancel& cancel) {
  if (cancel.requested())
    throw Error{cancel.exit(),
                {.what = "interrupted before every question was scored",
                 .where = "eval sql",
                 .fix = "run it again: a prediction file is scored as a whole"}};
}

/// Questions of one database, by number.
struct Task {
  std::string db_id;
  std::vector<std::size_t> questions;
};

std::vector<Task> tasks_of(const std::vector<Question>& questions) {
  std::map<std::string, std::vector<std::size_t>> by_database;
  for (std::size_t i = 0; i < questions.size(); ++i)
    by_database[questions[i].db_id].push_back(i);
  std::vector<Task> tasks;
  for (const auto& [db_id, all] : by_database)
    for (std::size_t at = 0; at < all.size(); at += kTaskQuestions) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
      const auto count = std::min(kTaskQuestions, all.size() - at);
      tasks.push_back({db_id, {begin, begin + static_cast<std::ptrdiff_t>(count)}});
    }
  return tasks;
}

class Scoring {
 public:
  /// `done` questions are behind the progress bar already.
  Scoring(const Input& input, const Cancel& cancel, Progress* progress, std::int64_t done = 0)
      : input_(input), cancel_(cancel), progress_(progress), scores_(input.questions.size()),
        done_(done) {}

  std::vector<SqlScore> run() {
    {
      ThreadPool pool(jobs());
      std::vector<std::future<void>> done;
      for (const Task& task : tasks_of(input_.questions))
        done.push_back(pool.submit([this, task] { score(task); }));
      for (std::future<void>& one : done)
        one.get();
    }
    return std::move(scores_);
  }
  [[nodiscard]] std::string engine() const { return engine_; }

 private:
  [[nodiscard]] std::size_t jobs() const {
    const auto asked = static_cast<std::size_t>(input_.config.jobs);
    return asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
  }

  void score(const Task& task) {
    stop_when_asked(cancel_);
    Suite suite(input_.suites.at(task.db_id), limits_of(input_.config), &cancel_);
    const auto given = input_.column_sets.find(task.db_id);
    Scorer scorer(suite,
                  given != input_.column_sets.end() ? given->second
                                                    : column_sets(suite.session(0).schema()),
                  input_.keys);
    for (const std::size_t i : task.questions) {
      const Question& question = input_.questions[i];
      scores_[i] = scorer.score(question, input_.prediction(question));
      stop_when_asked(cancel_);
      advance(suite);
    }
  }

  void advance(Suite& suite) {
    const std::lock_guard lock(mutex_);
    engine_ = suite.session(0).version();
    if (progress_)
      progress_->advance(++done_);
  }

  const Input& input_;
  const Cancel& cancel_;
  Progress* progress_;
  std::vector<SqlScore> scores_; ///< each task writes its own elements
  std::mutex mutex_;
  std::int64_t done_;
  std::string engine_;
};

/// Gold and prediction in turn, so that a busy machine slows both; the time of a run ends with its
/// last row. Nothing when a run fails.
std::optional<double> time_ratio(engine::Session& session, const std::string& gold,
                                 const std::string& predicted, const SqlEvalConfig& config) {
  std::vector<double> ratios;
  for (std::int64_t run = 0; run < config.timing_runs; ++run) {
    const engine::Sample ours = session.sample(predicted, limits_of(config));
    const engine::Sample theirs = session.sample(gold, limits_of(config));
    if (ours.status != engine::Status::ok || theirs.status != engine::Status::ok)
      return std::nullopt;
    ratios.push_back(theirs.elapsed_ms / std::max(ours.elapsed_ms, 1e-6)); // the clock ticks in ns
  }
  return mean_time_ratio(ratios);
}

void set_time(SqlScore& score, const std::optional<double>& ratio) {
  score.time_ratio = ratio;
  score.ves = ves(ratio.value_or(0));
  score.r_ves = r_ves(ratio.value_or(0));
}

/// One question at a time, in one thread.
void take_times(std::vector<SqlScore>& scores, const Input& input, const Cancel& cancel) {
  std::string open;
  std::unique_ptr<engine::Session> session;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    stop_when_asked(cancel);
    const Question& question = input.questions[i];
    set_time(scores[i], std::nullopt);
    if (!scores[i].bird_ex)
      continue;
    if (open != question.db_id)
      session = engine::open_sqlite(input.suites.at(question.db_id).paths.front(), &cancel);
    open = question.db_id;
    set_time(scores[i], time_ratio(*session, question.gold.front(), *input.prediction(question),
                                   input.config));
  }
}

void write_details(const std::filesystem::path& path, const std::vector<SqlScore>& scores) {
  std::string text;
  for (const SqlScore& score : scores)
    text += dump_json(to_json(score)) + "\n";
  real_disk().write_atomic(path, text);
}

} // namespace

void SqlEvalConfig::fields(FieldList& list) {
  list.add("questions", &questions, "JSONL of questions: id, db_id, question, gold").needed();
  list.add("predictions", &predictions, "JSONL of predictions: id, sql");
  list.add("databases", &databases,
           "folder with <db_id>.sqlite, or with <db_id>/*.sqlite: a test suite, of which every "
           "database must agree")
      .needed();
  list.add(
      "tables", &tables,
      "Spider's tables.json, for the foreign keys of exact match; default: the databases' own");
  list.add("details", &details, "write one line of JSON a question to this file");
  list.add("timeout_ms", &timeout_ms, "longest run of one query").in("ms").range(1, 3'600'000);
  list.add("memory_mb", &memory_mb, "most memory of the engine").in("MB").range(1, 65'536);
  list.add("result_mb", &result_mb, "largest answer").in("MB").range(1, 65'536);
  list.add("jobs", &jobs, "workers at a time; 0: one a processor").range(0, 256);
  list.add("timing", &timing, "take times too, for VES and R-VES");
  list.add("timing_runs", &timing_runs, "with --timing: runs of each right prediction")
      .range(1, 10'000);
  answering.fields(list);
  list.add("answers", &answering.answers,
           "with --model: write what it answered to this file (JSONL)");
  list.add("samples", &answering.samples,
           "with --model: answers to each question, for pass@k and a vote among them")
      .range(1, 1024);
}

void SqlEvalConfig::check() const {
  answering.check();
  const bool model = !answering.model.empty();
  if (model == predictions.empty())
    return;
  throw Error{Exit::usage,
              {.what = model ? "both predictions and a model were given"
                             : "neither predictions nor a model were given",
               .where = "eval sql",
               .fix = "give one of --predictions FILE and --model DIR"}};
}

std::int64_t count_questions(const std::filesystem::path& questions) {
  return static_cast<std::int64_t>(read_questions(questions).size());
}

SqlEvaluation evaluate_sql(const SqlEvalConfig& config, const Cancel& cancel, Progress* progress,
                           const std::vector<SqlAnswer>* answers) {
  const double start_ms = system_clock().now_ms();
  const Input input = read_input(config, answers);
  Scoring scoring(input, cancel, progress);
  auto scores = scoring.run();
  if (config.timing)
    take_times(scores, input, cancel);
  if (!config.details.empty())
    write_details(config.details, scores);
  SqlEvaluation evaluation = summed_up(std::move(scores));
  evaluation.engine = scoring.engine();
  evaluation.elapsed_ms = system_clock().now_ms() - start_ms;
  return evaluation;
}

double pass_at(std::int64_t k, std::int64_t samples, std::int64_t right) {
  double none = 1; // ∏ (1 − k / i) over i = n − c + 1 … n
  for (std::int64_t i = samples - right + 1; i <= samples; ++i)
    none *= std::max(0.0, 1 - static_cast<double>(k) / static_cast<double>(i));
  return 1 - none;
}

namespace {

std::vector<SqlAnswer> answers_of_sample(const std::vector<SqlAnswer>& answers,
                                         std::int64_t sample) {
  std::vector<SqlAnswer> chosen;
  std::copy_if(answers.begin(), answers.end(), std::back_inserter(chosen),
               [&](const SqlAnswer& each) { return each.sample == sample; });
  return chosen;
}

/// By sample, then by question.
using SampledScores = std::vector<std::vector<SqlScore>>;

SampledScores scores_of_samples(const SqlEvalConfig& config, const Cancel& cancel,
                                Progress* progress, const std::vector<SqlAnswer>& answers) {
  SampledScores scores;
  for (std::int64_t sample = 0; sample < config.answering.samples; ++sample) {
    const auto chosen = answers_of_sample(answers, sample);
    Input input = read_input(config, &chosen);
    input.keys = true;
    const auto done = sample * static_cast<std::int64_t>(input.questions.size());
    scores.push_back(Scoring(input, cancel, progress, done).run());
  }
  return scores;
}

SampledTotals totals_of(const SampledScores& scores) {
  const auto samples = static_cast<std::int64_t>(scores.size());
  SampledTotals totals{.samples = samples, .pass = {}};
  for (std::int64_t k = 1; k < samples; k *= 2)
    totals.pass.emplace_back(k, 0);
  totals.pass.emplace_back(samples, 0);
  const std::size_t questions = scores.front().size();
  for (std::size_t question = 0; question < questions; ++question) {
    const auto right = std::count_if(scores.begin(), scores.end(), [&](const auto& sample) {
      return sample[question].spider_exec;
    });
    for (auto& [k, percent] : totals.pass)
      percent += 100 * pass_at(k, samples, right) / static_cast<double>(questions);
  }
  return totals;
}

/// The sample whose rows the most have; 0 when none ran.
std::size_t voted_for(const SampledScores& scores, std::size_t question) {
  std::map<std::string, std::int64_t> votes;
  for (const auto& sample : scores)
    ++votes[sample[question].rows_key];
  votes[""] = 0; // what did not run has no vote
  const auto votes_of = [&](const auto& sample) { return votes.at(sample[question].rows_key); };
  const auto best =
      std::max_element(scores.begin(), scores.end(), [&](const auto& one, const auto& other) {
        return votes_of(one) < votes_of(other);
      });
  return static_cast<std::size_t>(best - scores.begin());
}

} // namespace

SqlEvaluation evaluate_samples(const SqlEvalConfig& config, const Cancel& cancel,
                               Progress* progress, const std::vector<SqlAnswer>& answers) {
  const auto scores = scores_of_samples(config, cancel, progress, answers);
  const auto samples = scores.size();
  std::vector<SqlAnswer> voted;
  for (std::size_t question = 0; question < scores.front().size(); ++question)
    voted.push_back(answers.at(question * samples + voted_for(scores, question)));
  SqlEvaluation evaluation = evaluate_sql(config, cancel, nullptr, &voted);
  evaluation.sampled = totals_of(scores);
  return evaluation;
}

} // namespace quill::eval
