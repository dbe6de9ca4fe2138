// The worker that costs nothing: rules and index advice, tried on the database before they are
// offered.
#pragma once

#include <cstdint>
#include <vector>

#include "quill/engine/session.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/rewrite/rule.hpp"
#include "quill/task/candidate.hpp"

namespace quill::optimize {

class RulesWorker {
 public:
  /// `before` is a run of the subject that ended, or timed out under `limits`. All must outlive it.
  RulesWorker(engine::Session& session, const rewrite::Subject& subject,
              const engine::Sample& before, const judge::JudgeConfig& config, std::uint64_t seed);

  /// The next best that were not offered before: by SQLite's VM steps, elsewhere by one run.
  /// Among the first there is one without indexes, if any pays.
  [[nodiscard]] std::vector<task::Candidate> next(std::size_t count);

 private:
  struct Tried {
    rewrite::Proposal proposal;
    double gain = 0; ///< before's steps or time over its own; 0 when it does not end in them
    bool offered = false;
  };
  void try_all();
  void try_one(rewrite::Proposal proposal);
  [[nodiscard]] double gain_of(const rewrite::Proposal& proposal);
  [[nodiscard]] Tried* best(bool without_indexes);

  engine::Session& session_;
  const rewrite::Subject& subject_;
  const engine::Sample& before_;
  engine::Limits limits_;
  bool by_steps_;
  bool repeats_; ///< then the clock stops nothing
  std::uint64_t seed_;
  bool tried_all_ = false;
  bool any_offered_ = false, bare_offered_ = false; ///< bare: without indexes
  double spent_ms_ = 0;
  std::vector<Tried> tried_;
  std::vector<rewrite::Experience> experience_;
};

} // namespace quill::optimize
