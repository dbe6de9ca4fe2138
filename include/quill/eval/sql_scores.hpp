// Predicted SQL against questions, scored as Spider and BIRD score it. These scorers are their own
// and do not use judge's comparer: they must equal the official numbers, mistakes included.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/eval/sql_answers.hpp"

namespace quill {
class Cancel;
class Progress;
} // namespace quill

namespace quill::eval {

/// `quill eval sql`.
struct SqlEvalConfig {
  std::filesystem::path questions;   ///< JSONL: id, db_id, gold, …
  std::filesystem::path predictions; ///< JSONL: id, sql; "" when a model answers
  AnsweringConfig answering;
  std::filesystem::path databases;  ///< holds <db_id>.sqlite, or <db_id>/*.sqlite (a test suite)
  std::filesystem::path tables;     ///< Spider's tables.json; "" = the databases' own foreign keys
  std::filesystem::path details;    ///< "" = none
  std::int64_t timeout_ms = 30'000; ///< of one run; BIRD's
  std::int64_t memory_mb = 256;
  std::int64_t result_mb = 64; ///< of an answer, as it lies in memory
  std::int64_t jobs = 0;       ///< 0: one a processor
  bool timing = false;         ///< VES and R-VES too
  std::int64_t timing_runs = 100;

  void fields(FieldList& list);
  /// \throws Error{usage} unless there is either a file of predictions or a model
  void check() const;
};

/// One question's scores. With several accepted queries each score is the best over them.
struct SqlScore {
  std::string id, db_id;
  std::string hardness;   ///< of the first gold query: easy | medium | hard | extra; "" unread
  std::string difficulty; ///< as the question says (BIRD); "" when it does not
  bool predicted = false; ///< there was a prediction
  bool parsed = false;    ///< Spider's parser reads it
  bool spider_exec = false, spider_exec_keep_distinct = false, spider_exact = false,
       bird_ex = false;
  double soft_f1 = 0;                        ///< [0, 1]
  std::optional<double> time_ratio;          ///< first gold / predicted, of right answers
  std::optional<double> ves, r_ves;          ///< percent
  std::vector<std::string> exact_difference; ///< parts that do not match, of the first gold query
  std::string gold_status, predicted_status; ///< engine::Status of the text as given
  std::string message;                       ///< why the prediction did not run, "" when it did
  std::string rows_key; ///< equal for equal bags of predicted rows; "" when not asked for, or none
  bool forbidden = false; ///< the sandbox refused what the prediction tried
};
[[nodiscard]] Json to_json(const SqlScore& score);

/// Counts and means over some of the questions; percent.
struct SqlTotals {
  std::int64_t questions = 0;
  double spider_exec = 0, spider_exec_keep_distinct = 0, spider_exact = 0, bird_ex = 0, soft_f1 = 0;
  std::optional<double> ves, r_ves;
};

/// Several answers to each question.
struct SampledTotals {
  std::int64_t samples = 0;
  /// k and percent: the chance that one of k answers is right (Spider's execution), k = 1, 2, 4 …
  /// and `samples`; estimated without bias (Chen et al. 2021, arXiv:2107.03374).
  std::vector<std::pair<std::int64_t, double>> pass;
};

struct SqlEvaluation {
  std::vector<SqlScore> scores; ///< in the order of the questions
  std::int64_t missing = 0;     ///< questions without a prediction
  std::int64_t unparsed = 0;    ///< predictions that Spider's parser cannot read
  std::int64_t failed = 0;      ///< predictions that did not run
  std::int64_t gold_failed = 0; ///< questions of which no gold query ran
  std::string engine;           ///< "sqlite 3.40.1"
  double elapsed_ms = 0;
  double safety = 100; ///< percent of predictions that tried nothing the sandbox refuses
  SqlTotals totals;
  std::optional<SampledTotals> sampled; ///< totals and scores are then those of the votes
  std::vector<std::pair<std::string, SqlTotals>> by_hardness, by_difficulty;
};
[[nodiscard]] Json to_json(const SqlEvaluation& evaluation);

/// Scores every question; predictions run in sandboxed workers, `jobs` at a time. They come from
/// config.predictions unless `answers` has them. `progress` (may be null) counts questions. Writes
/// config.details when asked to.
/// \throws Error{usage}: a file that cannot be read, an id that is there twice or unknown, a
/// database that is missing; Error{storage}; Error{interrupted | terminated} when `cancel` asks
[[nodiscard]] SqlEvaluation evaluate_sql(const SqlEvalConfig& config, const Cancel& cancel,
                                         Progress* progress = nullptr,
                                         const std::vector<SqlAnswer>* answers = nullptr);
/// The same with several answers to each question, of which the one that most agree with is scored:
/// among those that ran, the first whose rows (as a bag) the most have.
[[nodiscard]] SqlEvaluation evaluate_samples(const SqlEvalConfig& config, const Cancel& cancel,
                                             Progress* progress,
                                             const std::vector<SqlAnswer>& answers);
/// 1 − C(n − c, k) / C(n, k): the chance that one of k of n answers is right when c are.
[[nodiscard]] double pass_at(std::int64_t k, std::int64_t samples, std::int64_t right);
/// Questions in the file, for a progress bar. \throws Error{usage}
[[nodiscard]] std::int64_t count_questions(const std::filesystem::path& questions);

} // namespace quill::eval
