#include "train/bench.hpp"

#include <algorithm>

#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/sql/parse.hpp"
#include "quill/sql/text.hpp"
#include "quill/train/reward.hpp"

namespace quill::train {

std::shared_ptr<Bench> make_bench(std::int64_t timeout_ms, std::size_t workers,
                                  const Cancel& cancel) {
  engine::Limits limits;
  limits.timeout_ms = timeout_ms;
  return std::make_shared<Bench>(limits, workers, cancel);
}

Bench::Bench(engine::Limits limits, std::size_t workers, const Cancel& cancel)
    : limits_(limits), workers_(workers), cancel_(cancel) {}

std::shared_ptr<const Outcome> Bench::run(const std::filesystem::path& database,
                                          const std::string& sql) {
  constexpr std::size_t kOutcomesMax = 20'000;
  const auto key = std::pair(content_of(database), sql::fingerprint(sql));
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end())
      return found->second;
  }
  engine::Execution execution =
      with_session(database, [&](engine::Session& session) { return session.run(sql, limits_); });
  const auto outcome = std::make_shared<const Outcome>(
      Outcome{.status = execution.status,
              .cause = execution.cause,
              .message = std::move(execution.message),
              .answer = {std::move(execution.columns), std::move(execution.rows), {}}});
  const std::lock_guard lock(mutex_);
  ++runs_;
  if (known_.size() >= kOutcomesMax)
    known_.clear();
  // A time-out depends on what else the machine does.
  if (outcome->status != engine::Status::timeout)
    known_.emplace(key, outcome);
  return outcome;
}

Result<sql::QueryPtr> Bench::parsed(const std::filesystem::path& database, const std::string& sql) {
  return with_session(database,
                      [&](engine::Session& session) { return sql::parse(sql, session.grammar()); });
}

std::int64_t Bench::runs() const {
  const std::lock_guard lock(mutex_);
  return runs_;
}

Bench::SessionPtr Bench::take(const std::filesystem::path& database) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const auto& each) { return each.first == database; });
    if (found != idle_.end()) {
      SessionPtr session = std::move(found->second);
      idle_.erase(found);
      return session;
    }
  }
  return engine::open_sqlite(database, &cancel_);
}

void Bench::give(const std::filesystem::path& database, SessionPtr session) {
  SessionPtr oldest; // ends its worker behind the lock
  const std::lock_guard lock(mutex_);
  idle_.emplace_front(database, std::move(session));
  if (idle_.size() > workers_) {
    oldest = std::move(idle_.back().second);
    idle_.pop_back();
  }
}

std::string Bench::content_of(const std::filesystem::path& database) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = contents_.find(database); found != contents_.end())
      return found->second;
  }
  std::string hash = sha256_file(database);
  const std::lock_guard lock(mutex_);
  return contents_.emplace(database, std::move(hash)).first->second;
}

} // namespace quill::train
