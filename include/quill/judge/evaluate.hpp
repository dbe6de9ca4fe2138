// The verdict on a pair: first the rows, then the time, then what it is worth.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/reward.hpp"
#include "quill/sql/pair.hpp"

namespace quill::judge {

enum class Timing { three_run, trimmed5 };
enum class Measure { time, steps };

/// How pairs are judged. One field list, shared by evaluate, restem and later optimize.
struct JudgeConfig {
  std::int64_t timeout_ms = 10'000; // a run longer than this has timed out
  std::optional<double> timeout_s;  // the same in seconds (--timeout); stronger when given
  std::int64_t memory_mb = 256;
  std::string timing = "trimmed5";     // 3run | trimmed5
  std::string measure = "time";        // time | steps
  std::string reward = "table";        // log | table
  std::string readability = "offline"; // off | offline (llm comes with the model providers)
  std::optional<double> threshold;     // default by scheme
  double min_speedup = 1.5;
  void fields(FieldList& list);
  /// \throws Error{usage} on combinations that cannot be.
  void check() const;
  /// The time limit in force, in ms.
  [[nodiscard]] std::int64_t limit_ms() const;
  /// As values of their types; `threshold` of the scheme when none was given.
  [[nodiscard]] RewardScheme scheme() const;
  [[nodiscard]] double threshold_in_force() const;
};

enum class PairStatus { ok, before_failed, after_failed, timeout, blocked };
[[nodiscard]] std::string_view to_string(PairStatus status);

struct Verdict {
  std::string id;
  PairStatus status = PairStatus::ok;
  std::optional<bool> correct;     ///< null when it could not be told
  std::string verdict = "unknown"; ///< same | different | unknown
  std::string reason;              ///< why not same, or why it failed
  std::optional<double> speedup;
  std::optional<double> before_ms, after_ms;
  std::optional<double> before_steps, after_steps; ///< with Measure::steps
  std::optional<double> noise; ///< relative spread: a win must be larger than it
  bool significant = false;
  bool kept = false;
  std::optional<double> reward; ///< null when not judged; 0 for a wrong answer
  std::optional<double> readability;
  std::string type; ///< indexing | join | projection | limit | redundancy | …
  std::vector<std::string> indexes;
  double index_build_ms = 0, copy_ms = 0;
  double engine_ms = 0; ///< what SQLite itself spent in the runs that were needed
  std::int64_t rows = 0;
  std::string engine; ///< "sqlite 3.40.1"
  std::string measure = "time";
};
[[nodiscard]] Json to_json(const Verdict& verdict);

/// Judges pairs against one database. Not thread-safe (a clock wants the machine for itself).
class Judge {
 public:
  /// `session` must outlive the judge.
  Judge(engine::Session& session, JudgeConfig config);
  /// Never throws for what a pair contains. `type` = what the proposer claims, "" = found from the
  /// pair.
  Verdict evaluate(const sql::Pair& pair, std::string_view type = {});

 private:
  engine::Session& session_;
  JudgeConfig config_;
};

} // namespace quill::judge
