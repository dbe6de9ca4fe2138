// A whole suite made faster: prepared without asking anybody, run so that a kill loses nothing,
// validated by the clock alone, its winners promoted to the next state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quill/optimize/optimizer.hpp"
#include "quill/optimize/suite.hpp"

namespace quill::optimize {

/// Part i of n of a suite's queries, from 1: every n-th of them.
struct Shard {
  std::int64_t index = 1, count = 1;
  /// "2/4" \throws Error{usage}
  static Shard parse(const std::string& text);
  [[nodiscard]] bool has(std::size_t position) const {
    return static_cast<std::int64_t>(position) % count == index - 1;
  }
  [[nodiscard]] bool is_whole() const { return count == 1; }
};

/// The settings of `batch run` that the room looks at.
struct BatchConfig {
  BatchConfig();
  bool generate_only = false;
  std::string shard = "1/1";
  std::int64_t slots = 2;
  OptimizeConfig optimize; ///< of each query; always of mode swarm, without a folder of its own
  void fields(FieldList& list);
};

/// What a batch works with. All must outlive it.
struct BatchPlace {
  const Suite& suite;
  /// A session on the suite's database.
  std::function<std::unique_ptr<engine::Session>()> open_session;
  const Cancel& cancel;
  const Clock& clock;
  ModelAccess model = {};               ///< whose answers are durable when they are there
  const Knowledge* knowledge = nullptr; ///< may be null
  /// The path of a prompt by its name ("rewrite.md").
  std::function<std::filesystem::path(std::string_view)> prompt_file = {};
};

// ---- prep ----

struct PrepConfig {
  std::filesystem::path explains; ///< plans of another scale; "" for the suite's own
  engine::Limits limits;          ///< of one run
  double temperature = 0.7;
};

struct PrepReport {
  std::int64_t queries = 0, explained = 0, cached = 0, failed = 0;
  std::int64_t requests = 0; ///< of the fan-out
  std::int64_t prompt_tokens = 0, completion_tokens_at_most = 0;
  std::vector<std::pair<std::string, std::string>> problems; ///< id, why it has no plan
};
/// Understands every query (one run and one EXPLAIN ANALYZE, kept in explains/) and writes what
/// the prompts are made of, and the prompts of the fan-out. Of a query that was begun nothing is
/// changed. Asks nobody.
PrepReport prep_batch(const BatchPlace& at, const PrepConfig& config);

// ---- run ----

/// A query that is done, or was before.
struct BatchEvent {
  std::string id;
  Status status = Status::error;
  std::optional<double> speedup; ///< the larger of the two
  std::string by;                ///< the winner; "" when the query stays
  std::string reason;
  std::size_t done = 0, of = 0;
};

/// Do two sessions that run at the same time disturb each other's clock?
struct SlotMeasure {
  std::string query; ///< that was run; "" when nothing was measured
  double alone_ms = 0, together_ms = 0;
  std::int64_t slots = 1; ///< to be used
};
[[nodiscard]] Json to_json(const SlotMeasure& measure);

struct BatchOutcome {
  std::size_t done = 0, before = 0, left = 0; ///< queries; before: of earlier starts
  std::size_t generated = 0;                  ///< answers of models
  SlotMeasure slots;
  Exit exit = Exit::ok; ///< budget, outside or that of the cancel when it ended early
  std::string why;
};
/// Three iterations for every query of the shard that has no answer yet. Each answer and each
/// verdict is on disk before the next is asked for. `on_query` is called by one thread at a time.
BatchOutcome run_batch(const BatchPlace& at, const BatchConfig& config,
                       const std::function<void(const BatchEvent&)>& on_query);

// ---- validate ----

struct ValidateReport {
  std::size_t winners = 0, hold = 0;
  std::vector<std::string> lost; ///< ids of winners that are none by this clock
};
/// Times every winner against the query it came from, alone on the machine, and compares all rows
/// once more. What was validated before is left. `on_query` after each.
ValidateReport validate_batch(const BatchPlace& at, const judge::JudgeConfig& config,
                              const std::function<void(const BatchEvent&)>& on_query);

// ---- promote ----

struct Promotion {
  int state = 0;                     ///< the new one
  std::vector<std::string> promoted; ///< ids
};
/// The statements of validated winners become the baselines of the next state; indexes do not.
/// Each is kept in gold/ as well, and the state that ended in history.json.
/// \throws Error{usage} when nothing was validated, or no winner holds
Promotion promote_batch(const Suite& suite, double min_speedup, std::string at);

} // namespace quill::optimize
