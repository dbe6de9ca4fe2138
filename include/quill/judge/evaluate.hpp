// The verdict on a pair: first the rows, then the time, then what it is worth.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/model_readability.hpp"
#include "quill/judge/proof.hpp"
#include "quill/judge/reward.hpp"
#include "quill/sql/pair.hpp"

namespace quill::judge {

enum class Timing { three_run, trimmed5, sequential };
enum class Measure { time, steps };

/// How pairs are judged. One field list, shared by evaluate, restem and later optimize.
struct JudgeConfig {
  std::int64_t timeout_ms = 10'000; // a run longer than this has timed out
  std::optional<double> timeout_s;  // the same in seconds (--timeout); stronger when given
  std::int64_t memory_mb = 256;
  std::string trust = "full";          // fast | full: with a proof on small databases
  std::int64_t proof_ms = 2'000;       // processor time of one proof; not looked at under steps
  std::string timing = "sequential";   // 3run | trimmed5 | sequential
  std::string measure = "time";        // time | steps
  std::string reward = "table";        // log | table
  std::string readability = "offline"; // off | offline | llm
  std::optional<double> threshold;     // default by scheme
  double min_speedup = 1.5;
  /// An `after` whose first run takes more than so many times before's (and a second) is stopped;
  /// 0: only the time limit stops it. No setting of its own.
  double slowest_after = 0;
  std::string server = {}; ///< PostgreSQL's connection string, for proofs; no setting of its own
  void fields(FieldList& list);
  /// Those of them that say how a pair is run, proved and timed, not what it is worth.
  void run_fields(FieldList& list);
  /// \throws Error{usage} on combinations that cannot be.
  void check() const;
  [[nodiscard]] bool proves() const { return trust == "full"; }
  [[nodiscard]] ProofOptions proof_options(engine::Engine engine) const;
  /// The time limit in force, in ms.
  [[nodiscard]] std::int64_t limit_ms() const;
  /// Of one run: in VM steps when those are measured.
  [[nodiscard]] engine::Limits limits() const;
  /// As values of their types; `threshold` of the scheme when none was given.
  [[nodiscard]] RewardScheme scheme() const;
  [[nodiscard]] double threshold_in_force() const;
};

enum class PairStatus { ok, before_failed, after_failed, timeout, blocked };
[[nodiscard]] std::string_view to_string(PairStatus status);

/// A speedup against a `before` that did not end is worth no more than this one: it was compared on
/// fewer rows.
inline constexpr double kTimedOutSpeedupMax = 5;

/// How a pair was compared whose `before` did not end on the database itself.
struct ScaledDown {
  std::int64_t rows = 0;          ///< of all tables of the small database
  std::int64_t answer_rows = 0;   ///< of before on it
  std::optional<double> of_share; ///< of the database's rows, when those are counted
};

struct Verdict {
  std::string id;
  PairStatus status = PairStatus::ok;
  std::optional<bool> correct;     ///< null when it could not be told
  std::string verdict = "unknown"; ///< same | different | unknown
  std::string reason;              ///< why not same, or why it failed
  std::optional<double> speedup;   ///< when before timed out: at least this
  std::optional<double> before_ms, after_ms;
  std::optional<double> before_steps, after_steps; ///< with Measure::steps
  std::optional<double> noise; ///< relative spread: a win must be larger than it
  bool significant = false;
  bool kept = false;
  std::optional<double> reward; ///< null when not judged; 0 for a wrong answer
  std::optional<double> readability;
  std::string readability_by = {};                ///< offline | llm; "" when nobody judged it
  std::optional<double> readability_offline = {}; ///< beside a model's, to see whether they agree
  llm::Usage judge_usage = {};                    ///< of the model that was asked
  std::string type; ///< indexing | join | projection | limit | redundancy | …
  std::vector<std::string> indexes;
  double index_build_ms = 0, copy_ms = 0;
  double engine_ms = 0; ///< what SQLite itself spent in the runs that were needed
  std::int64_t rows = 0;
  std::string engine; ///< "sqlite 3.40.1"
  std::string measure = "time";
  std::string trust = "full";                         ///< fast: no proof was asked for
  std::optional<Proof> proof;                         ///< null when it did not come to it
  std::string timing;                                 ///< 3run | trimmed5 | sequential, when timed
  std::string clock;                                  ///< processor | wall, when timed
  std::size_t blocks = 0;                             ///< of runs
  std::vector<std::string> before_reads, after_reads; ///< tables
  std::optional<ScaledDown> scaled_down;              ///< when before timed out
};
[[nodiscard]] Json to_json(const Verdict& verdict);

class CachedProver;
struct KnownBefore;

/// A model's opinion of a pair's readability, as model_readability() gives it.
using OpinionFunction =
    std::function<ModelOpinion(std::string_view before, std::string_view after)>;

/// Judges pairs against one database. Not thread-safe (a clock wants the machine for itself).
class Judge {
 public:
  /// `session` and `cancel`, which may be null, must outlive the judge. `opinion` is asked with
  /// readability "llm", about pairs that may be kept; where it has none the offline judge stands
  /// in.
  /// \throws Error{usage} when it is wanted and not there
  Judge(engine::Session& session, JudgeConfig config, const Cancel* cancel = nullptr,
        OpinionFunction opinion = {});
  ~Judge();
  Judge(Judge&&) noexcept;
  /// Never throws for what a pair contains. `type` = what the proposer claims, "" = found from the
  /// pair.
  Verdict evaluate(const sql::Pair& pair, std::string_view type = {});
  /// A first run of `before` that is known already. One that did not end is not run again; nor is
  /// one of two seconds and more, once it is timed by 3run or trimmed5, for the next candidate.
  void know_before(std::string statement, engine::Sample sample);

 private:
  engine::Session& session_;
  JudgeConfig config_;
  const Cancel* cancel_;
  std::unique_ptr<CachedProver> prover_;
  std::unique_ptr<KnownBefore> known_before_;
  OpinionFunction opinion_;
};

} // namespace quill::judge
