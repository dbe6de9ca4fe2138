// A slow query in, a proven faster one out.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/cancel.hpp"
#include "quill/core/clock.hpp"
#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"
#include "quill/optimize/config.hpp"
#include "quill/optimize/knowledge.hpp"
#include "quill/optimize/step.hpp"
#include "quill/optimize/understanding.hpp"
#include "quill/rewrite/rule.hpp"

namespace quill::optimize {

/// A query to be made faster.
struct QueryText {
  std::string name; ///< "slow.sql": for people
  std::string text; ///< one statement
};

/// A model to ask; without one the rules work alone.
struct ModelAccess {
  llm::Client* client = nullptr;
  std::string provider = "rules", model;
  llm::JsonAnswers json = llm::JsonAnswers::none;
  std::int64_t concurrency = 1;
  [[nodiscard]] bool there() const { return client != nullptr; }
};

/// What advised indexes cost.
struct IndexCost {
  double build_ms = 0;
  std::int64_t bytes = 0;
};

/// What a server's planner says of indexes that are not there: an estimate, apart from what was
/// measured.
struct IndexAdvice {
  rewrite::SupposedIndexes supposed;
  std::string reason; ///< why there is none; "" when there is
};

/// The outcome for one query.
struct Answer {
  std::string name, engine;
  Status status = Status::neutral;
  std::string before, after;             ///< `after` is `before` when nothing better was proven
  std::string shown_before, shown_after; ///< the same over several lines, where they parse
  std::vector<std::string> indexes;
  std::optional<double> speedup;              ///< of `after`, without the indexes
  std::optional<double> speedup_with_indexes; ///< null without indexes
  std::optional<double> before_ms, after_ms;  ///< `after_ms`: with the indexes, if there are any
  std::optional<std::int64_t> rows;           ///< of the answer; null when it did not end
  std::string verdict = "same";               ///< of `after`
  std::vector<std::string> rules;
  Understanding understanding; ///< what it asks, its blocks and their costs, its plan
  std::string explanation;
  std::vector<std::string> changes;     ///< clause by clause
  std::vector<PlanNode> after_plan;     ///< with the indexes
  std::string shrank;                   ///< the node that did most, "" when unknown
  std::filesystem::path folder;         ///< of the artifacts
  std::optional<judge::Verdict> judged; ///< of the winner; null when `before` stays
  std::optional<IndexCost> index_cost;
  std::optional<IndexAdvice> index_advice; ///< of `after`, where indexes are not built (PostgreSQL)
  std::string reason;                      ///< why nothing better was proven, or why it ended early
  std::vector<Step> steps;
  Exit exit = Exit::ok;
};
/// The document of cli.md.
[[nodiscard]] Json to_json(const Answer& answer);

/// What an optimizer works with. All must outlive it.
struct Workplace {
  engine::Session& session;
  const Cancel& cancel;
  const Clock& clock;
  ModelAccess model;
  const Knowledge* knowledge = nullptr; ///< for the prompts of a model; may be null
  /// The path of a prompt by its name ("rewrite.md"); only called when there is a model.
  std::function<std::filesystem::path(std::string_view)> prompt_file = {};
  std::function<void(const Step&)> on_step = {}; ///< after each judged candidate; may be empty
};

/// Optimizes queries on one database. Not thread-safe: a clock wants the machine for itself.
class Optimizer {
 public:
  Optimizer(Workplace workplace, OptimizeConfig config);
  ~Optimizer();
  /// What was found so far when a budget is reached or a stop is asked; `exit` says so.
  /// \throws Error{usage} when the query is not one read-only statement that this engine runs
  [[nodiscard]] Answer optimize(const QueryText& query);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace quill::optimize
