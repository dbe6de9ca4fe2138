// One query on one database: what is known of it, who judges it, and the answer made of its steps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "optimize/gate.hpp"
#include "optimize/learnings.hpp"
#include "optimize/prompts.hpp"
#include "optimize/rules_worker.hpp"

namespace quill::optimize {

class Workbench {
 public:
  /// Runs the query. `known` is what was found out earlier. All must outlive it.
  /// \throws Error{usage} when it is not one read-only statement that this engine runs
  Workbench(engine::Session& session, const OptimizeConfig& config, const QueryText& query,
            const Cancel& cancel, std::optional<Understanding> known = {});

  [[nodiscard]] sql::Features shape() const;
  [[nodiscard]] const engine::Sample& before() const { return gate_.before(); }
  [[nodiscard]] const Understanding& understanding() const { return understanding_; }
  /// What prompts are made of; `knowledge` may be null.
  [[nodiscard]] Brief brief(const Journal& journal, const Knowledge* knowledge) const;

  [[nodiscard]] Judged judge(const task::Candidate& candidate) { return gate_.judge(candidate); }
  /// The next candidate of the rules that is not among `steps`; none is needed when judging it
  /// would cost more than it may win.
  [[nodiscard]] Step by_rules(const Ask& ask, const std::vector<Step>& steps);
  /// The best of the steps, or the query itself with the reason; `exit` is not filled.
  [[nodiscard]] Answer answer(std::vector<Step> steps);

 private:
  [[nodiscard]] std::string how_before_ended() const;
  [[nodiscard]] sql::QueryPtr tree() const;
  [[nodiscard]] bool is_enough(const std::vector<Step>& steps) const;
  void take_winner(Answer& out, const Step& best);
  [[nodiscard]] std::optional<IndexAdvice> advice_for(const std::string& statement) const;
  [[nodiscard]] std::string shown(const std::string& statement) const;
  [[nodiscard]] std::vector<std::string> changes(const std::string& after) const;

  engine::Session& session_;
  const OptimizeConfig& config_;
  const QueryText& query_;
  const Cancel& cancel_;
  Gate gate_;
  rewrite::Subject subject_;
  sql::QueryPtr tree_; ///< null when it does not parse; for reading, not for rewriting
  Understanding understanding_;
  RulesWorker rules_;
};

} // namespace quill::optimize
