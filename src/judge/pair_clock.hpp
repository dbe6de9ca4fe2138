// Runs of before and after, in turn.
#pragma once

#include <optional>
#include <string>
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
  Timing timing = Timing::trimmed5;
  Measure measure = Measure::time;
  engine::Limits limits;
  double sample_ms_min = 0; ///< shorter statements repeat inside one sample
  [[nodiscard]] static Pace of(const JudgeConfig& config);
};

/// What the clock says of a pair.
struct Clocked {
  double before = 0, after = 0; ///< ms, or VM steps
  Speedup speedup;
};

/// Takes samples and keeps the first of each side, whose digests stand for the rows. Samples count
/// as timing from the first on: no run is made for the rows alone.
class PairClock {
 public:
  PairClock(engine::Session& session, Pace pace) : session_(session), pace_(pace) {}

  /// The first run of each side.
  const engine::Sample& start_before(Statement before);
  const engine::Sample& start_after(Statement after);

  /// The rest, B A B A …, in blocks until the speedup is decided against `bar` or kBlocksMax is
  /// reached. nullopt: a run failed or gave other rows, see trouble().
  std::optional<Clocked> finish(double bar);

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
    std::vector<double> samples; ///< of the block at hand
    std::vector<Centre> blocks;
  };
  const engine::Sample& start(Runner& runner, Statement statement);
  engine::Sample run(const Runner& runner);
  bool repeat(Runner& runner);
  bool block();
  Clocked clocked() const;
  Clocked counted() const;

  engine::Session& session_;
  Pace pace_;
  Runner before_, after_;
  Trouble trouble_;
  double engine_ms_ = 0;
};

} // namespace quill::judge
