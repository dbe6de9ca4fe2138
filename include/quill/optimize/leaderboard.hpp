// What a suite's queries came to, and how its states followed each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quill/optimize/suite.hpp"

namespace quill::optimize {

struct LeaderboardRow {
  std::string id;
  std::optional<Status> status;          ///< null: no answer yet
  std::optional<double> speedup;         ///< before/after; 1 where the query stays; null: no answer
  std::optional<std::int64_t> rows;      ///< of the answer
  std::string verdict;                   ///< same | different | unknown; "" without an answer
  std::optional<double> before_ms = {};  ///< of the query
  std::string by = {};                   ///< worker whose candidate won
  std::vector<std::string> rules = {};   ///< of the winner
  bool validated = false;                ///< status and speedup come from `batch validate`
  std::optional<Status> run_status = {}; ///< what the run had found, when it was validated
  std::string reason = {};               ///< of an error
};

struct Leaderboard {
  std::string suite, engine;
  int state = 0;
  std::vector<LeaderboardRow> queries; ///< in the order of the suite
  [[nodiscard]] std::int64_t count(Status status) const;
  [[nodiscard]] std::int64_t missing() const;   ///< without an answer
  [[nodiscard]] std::int64_t non_empty() const; ///< that have rows
  /// Over all queries of the suite; those without an answer or a proven better one count 1.
  [[nodiscard]] double geomean() const;
};
/// The document of cli.md.
[[nodiscard]] Json to_json(const Leaderboard& board);

/// From the files of a state. \throws Error{usage} on a file that is not what it should be
[[nodiscard]] Leaderboard read_leaderboard(const Suite& suite, int state);
/// leaderboard.json and leaderboard.md, in the folders of the state and of the suite.
void write_leaderboard(const Suite& suite, const Leaderboard& board);
[[nodiscard]] std::string markdown(const Leaderboard& board);

/// A state that ended by a promotion, or the one at hand.
struct StateSummary {
  int state = 0;
  std::string at; ///< UTC; "" of the one at hand
  std::int64_t wins = 0, improved = 0, neutral = 0, regressions = 0, errors = 0;
  double geomean = 1;
  std::vector<std::string> promoted = {};
};
[[nodiscard]] Json to_json(const StateSummary& state);
[[nodiscard]] StateSummary summary_of(const Leaderboard& board);
/// What history.json holds, the oldest first.
[[nodiscard]] std::vector<StateSummary> read_history(const Suite& suite);
void add_to_history(const Suite& suite, const StateSummary& state);

} // namespace quill::optimize
