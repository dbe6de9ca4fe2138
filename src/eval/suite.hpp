// The databases of one db_id, opened for one task of scoring.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "quill/engine/session.hpp"

namespace quill::eval {

/// Files of a db_id: the database itself first, then the others that Spider's test suite has in its
/// folder, sorted.
struct SuiteFiles {
  std::vector<std::filesystem::path> paths;
};

/// `folder`/<db_id>.sqlite alone, else every *.sqlite in `folder`/<db_id>/ (the official layout).
/// \throws Error{usage} when neither is there
[[nodiscard]] SuiteFiles find_suite(const std::filesystem::path& folder, const std::string& db_id);

/// What running a text gave.
struct Answer {
  engine::Status status = engine::Status::error;
  std::string message; ///< "" when ok
  engine::Cause cause = engine::Cause::none;
  std::vector<engine::Row> rows;
  [[nodiscard]] bool ok() const noexcept { return status == engine::Status::ok; }
};

/// Sessions on the files of one suite. Not thread-safe.
class Suite {
 public:
  Suite(const SuiteFiles& files, const engine::Limits& limits, const Cancel* cancel);

  [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }
  [[nodiscard]] engine::Session& session(std::size_t database) { return *sessions_.at(database); }
  /// As Python's sqlite3 would run it: blank text gives no rows and no error, a text with
  /// parameters is an error. Anything but a SELECT is blocked, which the official scripts do not
  /// do. The same text again is not run again until forget().
  const Answer& run(const std::string& sql, std::size_t database);
  void forget() { answers_.clear(); }

 private:
  Answer answer(const std::string& sql, std::size_t database);

  engine::Limits limits_;
  std::vector<std::unique_ptr<engine::Session>> sessions_;
  std::map<std::pair<std::size_t, std::string>, Answer> answers_;
};

} // namespace quill::eval
