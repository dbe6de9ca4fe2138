// A run's file: every question, raw answer, verdict and example, committed before it is used.
// `run.db` is the truth; JSON files are exports of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "quill/core/json.hpp"

namespace quill::store {

/// What a run is. `config` is a flat object, key → text, of everything that shapes the result
/// (hashes of the inputs too): a resume with another one is refused.
struct RunHeader {
  Json config = Json::object();
  std::string command_line, version;
};

/// A question to a proposer, known before it is asked.
struct Call {
  std::int64_t id = 0;
  std::string key; ///< sha256 of the request, its sample index included; unique in a run
  std::int64_t iteration = 0;
  std::int64_t attempts = 0;
  std::string request; ///< JSON
};

/// What came back, as it came.
struct Response {
  std::int64_t status = 200;
  std::string body;
  bool usable = true; ///< false: stored for the record, nothing can be read from it
};

/// Takes a request (JSON) and its answer; false ends the reading.
using AnswerReader = std::function<bool(const std::string& request, const Response& response)>;

/// A candidate with what was found out about it; `verdict` is absent when there is none (not
/// parsable, or the judge failed).
struct CandidateRow {
  std::int64_t iteration = 0;
  std::int64_t position = 0;          ///< within its iteration, from 0
  std::string problem;                ///< id
  std::string fingerprint;            ///< "" when not parsable
  std::string candidate;              ///< JSON
  std::optional<std::string> verdict; ///< JSON
  bool kept = false;
  bool duplicate = false;
};
struct ExampleRow {
  std::int64_t iteration = 0;
  std::int64_t position = 0;
  std::string fingerprint; ///< unique in a run
  std::string example;     ///< JSON
};
/// A candidate and what it added to the data set.
struct SettledRow {
  CandidateRow candidate;
  std::optional<ExampleRow> example;
};
struct IterationRow {
  std::int64_t iteration = 0;
  std::string metrics; ///< JSON, nothing of the clock in it
  double elapsed_ms = 0;
};
/// An attempt to ask that gave no answer: for the record.
struct FailedAttempt {
  std::string key; ///< of the request
  std::string at, kind, what;
  std::string body; ///< what had come of one
};
struct EventRow {
  std::string at, kind, text;
};

/// The file in memory for readers: one consistent snapshot.
struct RunRecord {
  RunHeader header;
  std::vector<std::pair<std::string, std::string>> problems; ///< id, JSON
  std::vector<CandidateRow> candidates;                      ///< by iteration, position
  std::vector<ExampleRow> examples;                          ///< by iteration, position
  std::vector<IterationRow> iterations;
};

/// The one writer of a run. Holds `run.lock` until destroyed. Every mutating call is whole or not
/// at all and durable when it returns (rollback journal, synchronous=EXTRA; calls of several
/// threads share a transaction). It throws Error{storage} when the disk says no, and from then on
/// always; what was committed before stays whole. Thread-safe.
class Run {
 public:
  enum class Start { fresh, resume };

  /// Creates or opens the run in `folder`. Resuming where nothing was begun yet is a fresh start.
  /// \throws Error{usage}: another process has it (names its pid); fresh on a folder that holds a
  /// run or other files (tells how to go on); a run.db that is corrupt, foreign or of a later
  /// version (never overwritten).
  Run(const std::filesystem::path& folder, Start start);
  ~Run();
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;

  [[nodiscard]] const std::filesystem::path& folder() const noexcept;
  /// True when there was a run before.
  [[nodiscard]] bool resumed() const noexcept;

  /// Writes the header of a new run, or checks it against that of the resumed one.
  /// \throws Error{usage} naming the keys whose values differ
  void begin(const RunHeader& header);
  void put_problems(const std::vector<std::pair<std::string, std::string>>& problems);

  /// Commits the intent to ask. Asked before: the same call, attempts + 1.
  Call intend(std::string_view key, std::int64_t iteration, std::string_view request);
  /// The committed answer, when there is one: then it must not be asked again.
  [[nodiscard]] std::optional<Response> response(std::string_view key) const;
  /// Commits the raw answer, before anybody reads it.
  void put_response(const Call& call, const Response& response);

  void put_failed_attempt(const FailedAttempt& attempt);
  [[nodiscard]] std::vector<FailedAttempt> failed_attempts() const;

  /// Verdict and pool change in one transaction.
  void put_candidate(const CandidateRow& candidate, const std::optional<ExampleRow>& example);
  /// Several at once, and the end of their iteration.
  void put_candidates(const std::vector<SettledRow>& rows,
                      const std::optional<IterationRow>& iteration);
  [[nodiscard]] bool has_candidate(std::int64_t iteration, std::int64_t position) const;
  void put_iteration(const IterationRow& iteration);
  void put_event(std::string_view at, std::string_view kind, std::string_view text);

  /// Calls `look` with each request that has an answer, until it returns false. `look` must not
  /// come back to this run.
  void each_answer(const AnswerReader& look) const;

  [[nodiscard]] RunRecord record() const;
  [[nodiscard]] std::vector<EventRow> events() const;
  /// Questions that were sent (or about to be) without an answer on record: possibly paid for.
  [[nodiscard]] std::int64_t open_calls() const;

  /// Writes `name` in the run's folder, whole or not at all; nothing is written when it is there
  /// already. A file that somebody else changed is first moved aside to `name`.edited (.edited.2,
  /// …); returns that path then.
  std::optional<std::filesystem::path> write_export(std::string_view name, std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Is there a run in this folder?
[[nodiscard]] bool has_run(const std::filesystem::path& folder);
/// A snapshot without taking the lock; a hot journal of a killed run is rolled back first when the
/// folder may be written. \throws Error{usage}: missing, corrupt, foreign or of a later version
[[nodiscard]] RunRecord read_run(const std::filesystem::path& folder);

/// Kills this process (SIGKILL) at the n-th passing of point `name` when the environment holds
/// QUILL_CRASH_AT=name:n. For tests of crash safety only. A list is separated by commas.
void crash_point(std::string_view name);

} // namespace quill::store
