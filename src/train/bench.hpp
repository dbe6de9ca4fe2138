// Queries run in workers, each answer remembered by the database's content and the query's text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "quill/core/error.hpp"
#include "quill/engine/session.hpp"
#include "quill/judge/compare.hpp"
#include "quill/sql/tree.hpp"

namespace quill::train {

/// What running a query gave.
struct Outcome {
  engine::Status status = engine::Status::error;
  engine::Cause cause = engine::Cause::none;
  std::string message;
  judge::Answer answer;
  [[nodiscard]] bool ok() const noexcept { return status == engine::Status::ok; }
};

class Bench {
 public:
  Bench(engine::Limits limits, std::size_t workers, const Cancel& cancel);

  /// \throws Error for a database that cannot be opened
  [[nodiscard]] std::shared_ptr<const Outcome> run(const std::filesystem::path& database,
                                                   const std::string& sql);
  /// The query's tree, parsed in the worker.
  [[nodiscard]] Result<sql::QueryPtr> parsed(const std::filesystem::path& database,
                                             const std::string& sql);
  /// Calls `use` with a session nobody else has.
  template <class Use> auto with_session(const std::filesystem::path& database, const Use& use) {
    auto session = take(database);
    auto result = use(*session);
    give(database, std::move(session));
    return result;
  }
  [[nodiscard]] const engine::Limits& limits() const noexcept { return limits_; }
  [[nodiscard]] const Cancel& cancel() const noexcept { return cancel_; }
  /// Runs that were not remembered.
  [[nodiscard]] std::int64_t runs() const;

 private:
  using SessionPtr = std::unique_ptr<engine::Session>;
  [[nodiscard]] SessionPtr take(const std::filesystem::path& database);
  void give(const std::filesystem::path& database, SessionPtr session);
  [[nodiscard]] std::string content_of(const std::filesystem::path& database);

  engine::Limits limits_;
  std::size_t workers_;
  const Cancel& cancel_;
  mutable std::mutex mutex_;
  std::list<std::pair<std::filesystem::path, SessionPtr>> idle_; ///< the last used first
  std::map<std::filesystem::path, std::string> contents_;        ///< sha256
  std::map<std::pair<std::string, std::string>, std::shared_ptr<const Outcome>> known_;
  std::int64_t runs_ = 0;
};

} // namespace quill::train
