// The loop itself, on a journal, a proposer and a judge: what run_restem wires together.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "loop/asking.hpp"
#include "loop/exports.hpp"
#include "loop/history.hpp"
#include "loop/judging.hpp"
#include "loop/proposer.hpp"
#include "quill/core/clock.hpp"
#include "quill/llm/wrappers.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

using IterationObserver = std::function<void(const IterationMetrics&, const Totals&)>;

struct LoopSetup {
  std::int64_t iterations = 50, candidates = 5, target_examples = 0, checkpoint_every = 10;
  std::int64_t concurrency = 1; ///< questions in flight
  std::int64_t ahead = 0; ///< iterations asked before those before them are judged: prompts of
                          ///< iteration i show the pool as it was after iteration i - 1 - ahead
  bool frozen_pool = false;
  std::uint64_t seed = 42;
  std::string measure = "time";      ///< steps: nothing of the clock in exports
  llm::CostFunction judge_cost = {}; ///< of the model that judges readability; empty without one
  std::string schema, engine;
  std::vector<Example> seeds;     ///< as read; each one's `before` is a problem
  Json settings = Json::object(); ///< shown in metrics.json
};

/// One problem a seed, in their order.
[[nodiscard]] std::vector<task::Problem> problems_of(const std::vector<Example>& seeds,
                                                     const std::string& schema);

class Loop {
 public:
  /// References must outlive the loop. What the run's file holds is taken up.
  Loop(LoopSetup setup, store::Run& run, Proposer& proposer, JudgeFunction judge,
       const Cancel& cancel, Clock& clock);

  /// Runs to the end (true), or until `cancel` is asked or the budget is reached (false). Exports
  /// are written at checkpoints and before returning or throwing. \throws Error
  bool run(const IterationObserver& observe = {});

  [[nodiscard]] Totals totals() const;
  /// Why the budget ended it, if it did.
  [[nodiscard]] std::optional<ErrorText> budget_reached() const { return asking_.budget_reached(); }
  [[nodiscard]] const std::vector<Example>& data_set() const { return history_.data_set(); }

 private:
  bool go_on();
  bool judge_seeds();
  bool iterate(std::int64_t iteration);
  bool settle_all(const Asking::Answers& answers, IterationMetrics& metrics,
                  std::vector<Outcome>& outcomes);
  [[nodiscard]] bool done() const;
  [[nodiscard]] std::int64_t next_iteration() const;
  [[nodiscard]] const task::Problem& problem_at(std::int64_t iteration) const;

  void plan_after(std::int64_t iteration);
  void plan(std::int64_t iteration);
  /// nullopt when a stop was asked meanwhile.
  std::optional<Outcome> settle(std::int64_t iteration, std::int64_t position,
                                const task::Problem& problem, const Result<task::Candidate>& offer);
  std::optional<store::CandidateRow>
  judged_row(store::CandidateRow row, const task::Problem& problem, task::Candidate candidate);
  Outcome commit(const store::CandidateRow& row, const task::Problem& problem, bool judged);
  [[nodiscard]] std::optional<Example> example_of(const store::CandidateRow& row,
                                                  const task::Problem& problem) const;
  Outcome remember(const store::CandidateRow& row, const std::optional<Example>& example);

  void take_up(const store::RunRecord& record);
  void take_up(const store::CandidateRow& row);
  void finish(IterationMetrics metrics, const std::vector<Outcome>& outcomes, double started_ms);
  void add_judging(IterationMetrics& metrics, const std::vector<Outcome>& outcomes) const;
  void choose_problems();
  [[nodiscard]] RunState state(bool finished) const;
  void write_exports(bool finished, std::int64_t checkpoints_from);

  LoopSetup setup_;
  store::Run& run_;
  Proposer& proposer_;
  PatientJudge judge_;
  const Cancel& cancel_;
  Clock& clock_;
  IterationObserver observe_;

  std::vector<task::Problem> problems_;     ///< one a seed
  std::vector<const task::Problem*> asked_; ///< those whose `before` runs here
  std::set<std::string> broken_;            ///< ids of the others
  History history_;
  std::map<std::pair<std::int64_t, std::int64_t>, store::CandidateRow> cut_off_;
  std::vector<IterationMetrics> iterations_;
  std::vector<store::SettledRow> uncommitted_; ///< of the iteration at hand
  Asking asking_;                              ///< last: what is in flight refers to the above
};

} // namespace quill::loop
