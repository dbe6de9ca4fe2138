// A whole benchmark as a folder: its database, its queries, what each asks, and what came of them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/engine/session.hpp"
#include "quill/optimize/optimizer.hpp"

namespace quill::optimize {

/// suite.json.
struct SuiteHeader {
  std::string name; ///< "tpcds"
  engine::Engine engine = engine::Engine::sqlite;
  std::string database; ///< a file (from the suite's folder, or absolute), or a connection string
  std::optional<double> scale = {}; ///< of TPC-DS and DSB
  std::string version;              ///< of Quill, that made it
};

/// What lies in the folder: suite.json, queries/<id>.sql, intents.json, explains/<id>.json,
/// gold/<id>.json, learnings.json, history.json, leaderboard.json and .md, state_0/, state_1/ …
/// Every file is whole or absent; two processes may work in it on different queries.
class Suite {
 public:
  /// suite.json is written last: without it the folder is no suite.
  /// \throws Error{usage} when there is one already, there is no query, or the connection string
  /// holds a password; Error{storage}
  static Suite create(const std::filesystem::path& folder, SuiteHeader header,
                      const std::vector<QueryText>& queries);
  /// \throws Error{usage}: no suite there, or a file of it is not what it should be
  static Suite open(const std::filesystem::path& folder);

  [[nodiscard]] const SuiteHeader& header() const { return header_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; } ///< sorted
  /// A file's path, or the connection string.
  [[nodiscard]] std::string database() const;

  /// The number of the last state.
  [[nodiscard]] int state() const;
  [[nodiscard]] std::filesystem::path state_folder(int state) const;
  [[nodiscard]] std::filesystem::path query_folder(int state, std::string_view id) const;
  /// What a state starts from: the query as given in state 0, later what was promoted.
  /// \throws Error{usage}
  [[nodiscard]] QueryText baseline(int state, std::string_view id) const;
  /// Makes the next state's folder with these baselines, those of `state` for other queries.
  void begin_state(int state, const std::map<std::string, std::string>& baselines) const;

  /// What each query asks, in a sentence; whoever knows better may edit the file.
  [[nodiscard]] std::map<std::string, std::string> intents() const;
  void write_intents(const std::map<std::string, std::string>& intents) const;

 private:
  Suite() = default;
  std::filesystem::path folder_;
  SuiteHeader header_;
  std::vector<std::string> ids_;
};

/// The statements of the .sql files of a folder, in the order of their names. The id is the file's
/// name, with _2, _3 … behind it for further statements of one file.
/// \throws Error{usage}: no such folder, no query in it, a file that is no SQL
[[nodiscard]] std::vector<QueryText> read_queries(const std::filesystem::path& folder,
                                                  engine::Engine engine);

/// What is known of a suite's queries before anything is asked.
struct SuiteCheck {
  std::map<std::string, std::string> intents;               ///< of those that parse
  std::vector<std::pair<std::string, std::string>> refused; ///< id, the engine's words
};
/// Has the engine prepare each query.
[[nodiscard]] SuiteCheck check_suite(const Suite& suite, engine::Session& session);

/// Suites in the folders below `folder`, and itself, by path.
[[nodiscard]] std::vector<Suite> suites_below(const std::filesystem::path& folder);

} // namespace quill::optimize
