// From a candidate to a verdict: what the engine itself prepares, the proof, the clock.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "quill/engine/session.hpp"
#include "quill/optimize/optimizer.hpp"

namespace quill::optimize {

class Gate {
 public:
  /// Runs the query once. A query that takes long is timed by 3run, unless another way was asked
  /// for. `session` and `cancel` must outlive the gate.
  /// \throws Error{usage} when it is not one read-only statement that this engine runs
  Gate(engine::Session& session, judge::JudgeConfig config, const QueryText& query,
       const Cancel& cancel);
  ~Gate();

  /// That run: ok, or timeout.
  [[nodiscard]] const engine::Sample& before() const { return before_; }
  [[nodiscard]] const judge::JudgeConfig& config() const { return config_; }
  /// Never throws for what a candidate holds. The same candidate is judged once.
  [[nodiscard]] Judged judge(const task::Candidate& candidate);

 private:
  [[nodiscard]] sql::Pair pair_of(const task::Candidate& candidate) const;
  [[nodiscard]] Judged judge_new(const task::Candidate& candidate);
  [[nodiscard]] std::vector<PlanNode> plan_of(const sql::Pair& pair, const judge::Verdict& verdict);

  engine::Session& session_;
  judge::JudgeConfig config_;
  QueryText query_;
  engine::Sample before_;
  std::unique_ptr<judge::Judge> judge_;
  std::map<std::string, Judged> known_; ///< by fingerprint of the pair
};

} // namespace quill::optimize
