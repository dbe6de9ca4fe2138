// The ReSTEM loop: sample a problem, ask for candidates, judge them, keep what passes, repeat.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"
#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"
#include "quill/judge/evaluate.hpp"
#include "quill/llm/config.hpp"
#include "quill/loop/metrics.hpp"
#include "quill/loop/model.hpp"

namespace quill {
class Cancel;
class Clock;
class HttpClient;
} // namespace quill

namespace quill::loop {

/// `quill restem`. One field list for flags, files, environment, help and docs.
struct RestemConfig {
  std::filesystem::path db; ///< default data/test.db when neither it nor a blueprint is given
  /// Shipped name or file: the database is built in `out`. Stage 2: several, by commas, or "all".
  std::string blueprint;
  std::filesystem::path examples; ///< default: the shipped seed_data.json
  llm::ModelConfig llm;           ///< who proposes, and how it is reached
  std::int64_t stage = 1;
  std::int64_t iterations = 50;
  std::int64_t candidates = 5;
  std::int64_t target_examples = 0; ///< stop after so many distinct kept examples; 0 = off
  std::int64_t few_shot = 3;
  std::optional<std::int64_t> ahead; ///< default: what fills llm.concurrency
  double temperature = 0.7;
  judge::JudgeConfig judge;
  std::string judge_provider; ///< of --judge llm when rules propose; else it is the proposer's
  std::int64_t seed = 42;
  bool frozen_pool = false; ///< proposer and prompts only ever see the seed examples
  std::optional<std::int64_t> require_kept;
  std::optional<double> require_success;
  std::filesystem::path out; ///< "": data/stage1 or data/stage2
  bool resume = false;
  bool dry_run = false; ///< see estimate_restem()
  std::int64_t checkpoint_every = 10;

  void fields(FieldList& list);
  /// `out`, or the stage's own.
  [[nodiscard]] std::filesystem::path folder() const;
  /// \throws Error{usage} on values and combinations that cannot be, also on what later versions
  /// bring (local, replay).
  void check() const;
  /// Iterations asked before those before them are judged; 0 for rules, which learn from each.
  [[nodiscard]] std::int64_t ahead_in_force() const;

 private:
  void check_judge() const;
};

/// What the loop needs from its caller. References must outlive the run.
struct RestemContext {
  Cancel& cancel;
  Clock& clock;
  HttpClient& http;
  llm::KeyRing keys;
  OpenLocal open_local = {}; ///< for --provider local; empty where there is no network
  std::string command_line;  ///< as typed, for run.db and the resume hint
  /// After each iteration (also iteration 0), with the totals so far.
  std::function<void(const IterationMetrics&, const Totals&)> on_iteration;
};

struct RestemSummary {
  Totals totals;
  Exit exit = Exit::ok;       ///< negative: below --require-…; budget, interrupted,
                              ///< terminated: stopped
  std::string reason;         ///< why not ok, "" when ok
  std::string resume_command; ///< how to go on, when stopped
  std::string trust;          ///< full | fast: what was kept was not proved
  std::filesystem::path out, run_db, training_data, metrics;
};
[[nodiscard]] Json to_json(const RestemSummary& summary);

/// What a run would ask first, and what it may cost.
struct RestemEstimate {
  std::string provider, model;
  std::vector<llm::Message> prompt; ///< of the first question; empty with rules
  std::int64_t requests = 0;
  llm::Usage likely, at_most; ///< of all requests; completion_tokens of `likely` are a guess
  std::optional<double> likely_usd, at_most_usd; ///< null when the price is not known
  std::string prices_as_of;
};
[[nodiscard]] Json to_json(const RestemEstimate& estimate);

/// Sends nothing and writes nothing. The prompt shows the seed examples as if all of them were
/// proven right here. \throws Error{usage} as run_restem() does
[[nodiscard]] RestemEstimate estimate_restem(const RestemConfig& config, RestemContext& context);

/// Runs until the iterations are done, the target is reached or a stop is asked. Everything that
/// was answered is in `out`/run.db before it is read; a killed run goes on with `resume`.
/// \throws Error{usage}: bad config or inputs, a folder in use, a run.db that is no run;
/// Error{outside}: the model API refused; Error{storage}
[[nodiscard]] RestemSummary run_restem(const RestemConfig& config, RestemContext& context);

} // namespace quill::loop
