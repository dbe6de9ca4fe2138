// Rewritten queries against slow ones: are they right, and how much faster?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/eval/sql_answers.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/llm/client.hpp"
#include "quill/sql/pair.hpp"
#include "quill/task/candidate.hpp"

namespace quill {
class Cancel;
} // namespace quill

namespace quill::eval {

/// `quill eval rewrite`.
struct RewriteEvalConfig {
  std::filesystem::path queries;     ///< JSONL: before, database, optional id, needs, prompt
  std::filesystem::path databases;   ///< holds <database>.sqlite, or is the database of all
  std::filesystem::path predictions; ///< JSONL: id, after; "" = none
  AnsweringConfig answering;         ///< a model that answers, when it names one
  judge::JudgeConfig judge;
  std::int64_t proposals = 5;    ///< of the rules, the baseline; 0: without it
  double improved = 1.1;         ///< speedup that counts as one; 1 / it is a regression
  double cap = 10;               ///< most that a query adds to the capped mean
  double index_cost_ms = 1000;   ///< practical: an index may take so long to build
  std::filesystem::path details; ///< "" = none
  void fields(FieldList& list);
};

struct SlowQuery {
  std::string id, before;
  std::filesystem::path database;
  sql::Needs needs;
  std::vector<llm::Message> prompt; ///< as the file has it; empty: rewrite's own prompt
};
/// \throws Error{usage} naming file and line
[[nodiscard]] std::vector<SlowQuery> read_slow_queries(const RewriteEvalConfig& config);

/// What a system answers to a query: none when it has no candidate.
using Answers = std::vector<std::optional<task::Candidate>>;
/// Of a file. \throws Error{usage}: an id that is unknown or there twice
[[nodiscard]] Answers read_rewrites(const std::filesystem::path& file,
                                    const std::vector<SlowQuery>& queries);
/// Of a model, which is asked about every query.
[[nodiscard]] Answers model_rewrites(const RewriteEvalConfig& config,
                                     const std::vector<SlowQuery>& queries,
                                     const model::ChatFormat& format, model::Decoder& decoder,
                                     const Cancel& cancel, const std::function<void()>& on_answer);

/// A query with what became of it.
struct RewriteScore {
  std::string id;
  std::optional<task::Candidate> candidate;
  std::optional<judge::Verdict> verdict; ///< none without a candidate
  /// 1 where there is no right answer: the query stays as it was.
  [[nodiscard]] double speedup() const;
};

/// One system over all queries; shares in percent of the queries.
struct RewriteTotals {
  std::string name; ///< model | predictions | rules
  std::int64_t queries = 0;
  double answered = 0, correct = 0;
  double improved = 0;    ///< right, significant, and at least so much faster
  double regressions = 0; ///< right, significant, and as much slower
  double geomean = 1, capped_mean = 1, median = 1;
  double diversity = 0; ///< different answers, of those that there are
  double practical = 0; ///< improved, no harder to read, its indexes cheap enough to build
};
[[nodiscard]] Json to_json(const RewriteTotals& totals);
[[nodiscard]] RewriteTotals totals_of(std::string name, const RewriteEvalConfig& config,
                                      const std::vector<RewriteScore>& scores);

/// Judges each answer on its database, one after the other. `on_query` after each.
/// \throws Error{interrupted | terminated} when `cancel` asks
[[nodiscard]] std::vector<RewriteScore> score_rewrites(const RewriteEvalConfig& config,
                                                       const std::vector<SlowQuery>& queries,
                                                       const Answers& answers, const Cancel& cancel,
                                                       const std::function<void()>& on_query);
/// The best of config.proposals proposals of the built-in rules, by the same judge.
[[nodiscard]] std::vector<RewriteScore> score_rules(const RewriteEvalConfig& config,
                                                    const std::vector<SlowQuery>& queries,
                                                    const Cancel& cancel,
                                                    const std::function<void()>& on_query);
/// One line a query, of one system after the other.
void write_rewrite_details(
    const std::filesystem::path& file,
    const std::vector<std::pair<std::string, std::vector<RewriteScore>>>& systems);

} // namespace quill::eval
