// Runs of before and after, in turn.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "judge/noise.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/evaluate.hpp"

namespace quill::judge {

/// A statement and the database it sees.
struct Statement {
  std::string sql;
  engine::Side side = engine::Side::base;
};

/// How samples are taken.
struct Pace {
  Timing timing = Timing::sequential;
  Measure measure = Measure::time;
  engine::Limits limits;
  double sample_ms_min = 0; ///< shorter statements repeat inside one sample
  [[nodiscard]] static Pace of(const JudgeConfig& config);
};

/// What the clock says of a pair.
struct Clocked {
  double before = 0, after = 0; ///< ms, or VM steps
  Speedup speedup;              ///< its ratio is before / after
  std::size_t blocks = 0;       ///< of runs; 0 where steps are counted
  bool of_processor = false;    ///< time on the processor, not on the wall
};

/// Takes samples and keeps the first of each side, whose digests stand for the rows. A first run
/// that is long enough counts as timing: no run is made for the rows alone.
///
/// `3run` and `trimmed5` are one block of wall time, as the field takes it. `sequential` takes
/// blocks of trimmed5 in turn until is_decided(), and looks at the time on the processor where the
/// engine tells it, so that another process on the same core is not taken for a slow query.
class PairClock {
 public:
  PairClock(engine::Session& session, Pace pace) : session_(session), pace_(pace) {}

  /// The first run of each side; of after within limits of its own.
  const engine::Sample& start_before(Statement before);
  const engine::Sample& start_after(Statement after, const engine::Limits& limits);
  const engine::Sample& start_after(Statement after) {
    return start_after(std::move(after), pace_.limits);
  }

  /// Runs of before that were made earlier, the first run first: only those that lack are made.
  const engine::Sample& recall_before(Statement before, std::vector<engine::Sample> samples);
  /// Of the block that finish() took last.
  [[nodiscard]] const std::vector<engine::Sample>& before_samples() const { return taken_; }

  /// The rest, B A B A …, and the next block A B A B …, until the speedup is decided against `bar`.
  /// nullopt: a run failed or gave other rows, see trouble().
  std::optional<Clocked> finish(double bar);

  /// The rest of after alone, in one block of wall time, against a before that took `before` at
  /// least (ms, or VM steps).
  std::optional<Clocked> finish_after(double before);

  struct Trouble {
    bool of_before = false;
    engine::Sample sample; ///< status ok: it gave other rows than the first run
  };
  [[nodiscard]] const Trouble& trouble() const { return trouble_; }
  [[nodiscard]] const engine::Sample& before() const { return before_.first; }
  [[nodiscard]] const engine::Sample& after() const { return after_.first; }
  /// What the engine itself spent so far.
  [[nodiscard]] double engine_ms() const { return engine_ms_; }

 private:
  struct Runner {
    Statement statement;
    engine::Sample first;
    std::vector<engine::Sample> samples; ///< of the block at hand
    std::vector<Centre> blocks;
  };
  const engine::Sample& start(Runner& runner, Statement statement, const engine::Limits& limits);
  engine::Sample run(const Runner& runner, const engine::Limits& limits, double sample_ms_min);
  bool repeat(Runner& runner);
  bool block();
  [[nodiscard]] bool is_enough(double bar) const;
  void choose_clock();
  [[nodiscard]] Centre centre_of(const Runner& runner) const;
  [[nodiscard]] Clocked clocked() const;
  [[nodiscard]] Clocked counted() const;

  engine::Session& session_;
  Pace pace_;
  Runner before_, after_;
  std::vector<engine::Sample> taken_; ///< of before, in the last block
  std::vector<LogRatio> ratios_;      ///< one a block
  bool of_processor_ = false;
  Trouble trouble_;
  double engine_ms_ = 0;
};

} // namespace quill::judge
