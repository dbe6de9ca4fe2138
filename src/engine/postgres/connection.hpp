// libpq with owners: one connection to one server, shut for everything but reading.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include "engine/protocol.hpp"
#include "engine/worker/verdict.hpp"

namespace quill::engine::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { ::PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

struct FinishConnection {
  void operator()(PGconn* connection) const { ::PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

class Connection {
 public:
  /// "" or why the server cannot be reached, in libpq's words (never with the password).
  std::string open(const OpenServer& request);
  /// Makes the script's tables, gives superuser's rights away, and sets what every statement runs
  /// under. "" or what went wrong.
  std::string settle(const std::string& script);

  [[nodiscard]] PGconn* get() const noexcept { return connection_.get(); }
  [[nodiscard]] std::string version() const; ///< "postgres 15.18"
  [[nodiscard]] Backend backend() const;
  /// Of the role that connected; its statements run without that right.
  [[nodiscard]] bool is_superuser() const noexcept { return superuser_; }

  /// Our own SQL, one statement or several; the last result.
  [[nodiscard]] ResultHandle execute(const std::string& sql) const;
  /// Our own query, every cell as text; empty when it fails.
  [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const;
  /// One statement by the extended protocol, which takes no second one.
  [[nodiscard]] ResultHandle execute_one(const std::string& sql) const;

 private:
  std::string give_rights_away();

  ConnectionHandle connection_;
  bool superuser_ = false;
};

/// A READ ONLY transaction that is rolled back, with a limit on the time of each statement in it.
class ReadOnly {
 public:
  ReadOnly(const Connection& connection, std::int64_t timeout_ms);
  ~ReadOnly();
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;
  /// Of the statements that follow.
  void allow(std::int64_t timeout_ms) const;
  /// False when it could not begin.
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  const Connection& connection_;
  bool ok_ = false;
};

/// What a failed result means.
[[nodiscard]] Verdict verdict_of(const Connection& connection, const PGresult* result);

} // namespace quill::engine::postgres
