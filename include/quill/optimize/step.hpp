// What is asked of whom, what came back, and what the judge said of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/llm/client.hpp"
#include "quill/optimize/plan_nodes.hpp"
#include "quill/task/candidate.hpp"

namespace quill::optimize {

/// win: at least 1.10 times faster; improved: 1.05; neutral: 0.95. A speedup that is not larger
/// than the measured noise is neutral. error: not proven, or it does not run.
enum class Status { win, improved, neutral, regression, error };
[[nodiscard]] std::string_view to_string(Status status); ///< "WIN", …, "ERROR"
[[nodiscard]] Status status_of(double speedup, bool significant);
[[nodiscard]] Status status_of(const judge::Verdict& verdict);

enum class Role { rules, worker, analyst, sniper };
[[nodiscard]] std::string_view to_string(Role role);

/// One question, to a model or to the rules.
struct Ask {
  Role role = Role::worker;
  std::string name; ///< "worker_2", "rules_1", "analyst_1": also of its files
  int iteration = 1;
  std::string strategy;               ///< of a swarm's worker; "" elsewhere
  std::vector<llm::Message> messages; ///< empty for the rules
  std::int64_t sample_index = 0;      ///< which of several equal questions
};

/// A candidate's verdict.
struct Judged {
  Status status = Status::error;
  judge::Verdict verdict;             ///< of the statement with the indexes it brings
  std::optional<judge::Verdict> bare; ///< of the statement without them, when it is a new one
  std::vector<PlanNode> plan;         ///< of the statement with its indexes; empty if it has none
  /// Of the statement without indexes; 1 when it stays as it is.
  [[nodiscard]] std::optional<double> speedup() const;
  [[nodiscard]] std::optional<double> speedup_with_indexes() const; ///< null without indexes
  /// The larger of the two, of a candidate that is proven; 0 of others.
  [[nodiscard]] double best() const;
  [[nodiscard]] bool proven() const { return verdict.correct.value_or(false); }
};

/// A question that was answered.
struct Step {
  Ask ask;
  std::string answer;  ///< as it came; "" of rules
  std::string failure; ///< why there is no candidate, or no answer
  llm::Usage usage;
  std::optional<task::Candidate> candidate;
  std::optional<Judged> judged;
};
[[nodiscard]] Json to_json(const Step& step);

/// The step whose candidate is proven and best; null when there is none that is faster.
[[nodiscard]] const Step* best_of(const std::vector<Step>& steps);

} // namespace quill::optimize
