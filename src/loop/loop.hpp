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
#include "loop/author.hpp"
#include "loop/exports.hpp"
#include "loop/history.hpp"
#include "loop/judging.hpp"
#include "loop/novelty.hpp"
#include "loop/proposer.hpp"
#include "quill/core/clock.hpp"
#include "quill/llm/wrappers.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/store/run.hpp"

namespace quill::loop {

using IterationObserver = std::function<void(const IterationMetrics&, const Totals&)>;

/// One database of a run.
struct Site {
  std::string name; ///< "" where a run has one
  std::string schema, engine;
};

struct LoopSetup {
  std::int64_t stage = 1; ///< 2: an author writes a new slow query for each iteration
  std::int64_t iterations = 50, candidates = 5, target_examples = 0, checkpoint_every = 10;
  std::int64_t concurrency = 1; ///< questions in flight
  std::int64_t ahead = 0; ///< iterations asked before those before them are judged: prompts of
                          ///< iteration i show the pool as it was after iteration i - 1 - ahead
  bool frozen_pool = false;
  std::uint64_t seed = 42;
  std::string measure = "time";      ///< steps: nothing of the clock in exports
  llm::CostFunction judge_cost = {}; ///< of the model that judges readability; empty without one
  std::vector<Site> sites;           ///< at least one; seeds are of the first
  std::vector<Example> seeds;        ///< as read; each one's `before` is a problem
  Json settings = Json::object();    ///< shown in metrics.json
};

/// One problem a seed, in their order.
[[nodiscard]] std::vector<task::Problem> problems_of(const std::vector<Example>& seeds,
                                                     const Site& site);
/// A problem as run.db keeps it.
[[nodiscard]] std::string problem_text(const task::Problem& problem);

class Loop {
 public:
  /// References must outlive the loop. What the run's file holds is taken up. `author` writes for
  /// stage 2 and may be null in stage 1.
  Loop(LoopSetup setup, store::Run& run, Proposer& proposer, JudgeFunction judge,
       const Cancel& cancel, Clock& clock, Author* author = nullptr);

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
  /// What an iteration is about.
  struct Turn {
    const task::Problem* problem = nullptr; ///< null when its author found nothing new
    std::optional<task::Candidate> known;   ///< by the author
    const Band* wish = nullptr;             ///< stage 2
    std::vector<store::CandidateRow> rows;  ///< settled so far
  };
  bool settle_all(Turn& turn, const Asking::Answers& answers, IterationMetrics& metrics,
                  std::vector<Outcome>& outcomes);
  [[nodiscard]] bool done() const;
  [[nodiscard]] std::int64_t next_iteration() const;
  [[nodiscard]] const task::Problem& problem_at(std::int64_t iteration) const;
  const task::Problem& take_problem(task::Problem problem);

  // Stage 2, in stage2.cpp. nullopt: a stop was asked meanwhile, or the budget is reached.
  std::optional<Turn> write_problem(std::int64_t iteration, IterationMetrics& metrics);
  std::optional<Result<Written>> ask_author(const WriteAsk& ask, IterationMetrics& metrics);
  void begin_problem(Turn& turn, std::int64_t iteration, const Site& site, const Written& written);
  [[nodiscard]] const Site& site_at(std::int64_t iteration) const;
  [[nodiscard]] Counts bands() const;
  /// An example and the position of its row.
  struct Taken {
    std::optional<Example> example;
    std::int64_t position = 0;
  };
  [[nodiscard]] Taken taken_of_turn(const Turn& turn) const;
  void take_up_problems(const store::RunRecord& record);

  void plan_after(std::int64_t iteration);
  void plan(std::int64_t iteration);
  void plan(std::int64_t iteration, const task::Problem& problem,
            const std::optional<task::Candidate>& known);
  /// nullopt when a stop was asked meanwhile. `last`: of its turn.
  std::optional<Outcome> settle(std::int64_t iteration, std::int64_t position, Turn& turn,
                                const Result<task::Candidate>& offer, bool last = false);
  std::optional<store::CandidateRow> settled_row(std::int64_t iteration, std::int64_t position,
                                                 const task::Problem& problem,
                                                 const Result<task::Candidate>& offer);
  std::optional<store::CandidateRow>
  judged_row(store::CandidateRow row, const task::Problem& problem, task::Candidate candidate);
  Outcome commit(const store::CandidateRow& row, const Taken& taken, bool judged);
  [[nodiscard]] std::optional<Example> example_of(const store::CandidateRow& row,
                                                  const task::Problem& problem) const;
  Outcome remember(const store::CandidateRow& row, const std::optional<Example>& example);

  void take_up(const store::RunRecord& record);
  void take_up(const store::CandidateRow& row, const std::optional<Example>& example);
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

  Author* author_;
  Problems problems_;                       ///< of the seeds, and written ones
  Novelty novelty_;                         ///< of the written ones of finished iterations
  std::vector<const task::Problem*> asked_; ///< of the seeds' those whose `before` runs here
  std::set<std::string> broken_;            ///< ids of the others
  History history_;
  std::map<std::pair<std::int64_t, std::int64_t>, store::CandidateRow> cut_off_;
  std::vector<IterationMetrics> iterations_;
  std::vector<store::SettledRow> uncommitted_; ///< of the iteration at hand
  Asking asking_;                              ///< last: what is in flight refers to the above
};

} // namespace quill::loop
