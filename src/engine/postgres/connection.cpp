#include "engine/postgres/connection.hpp"

#include <algorithm>
#include <array>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/core.h>

namespace quill::engine::postgres {
namespace {

/// Each alone, since older servers do not know them all.
constexpr std::array kSettings = {
    "SET client_connection_check_interval = 100", // ms; a killed worker ends its statement
    "SET lock_timeout = 2000",
    "SET idle_in_transaction_session_timeout = 600000",
    "SET max_parallel_workers_per_gather = 0", // time and memory of a statement are its own
    "SET jit = off",
    "SET cursor_tuple_fraction = 1", // a cursor is planned like the statement itself
    "SET bytea_output = hex",
    "SET DateStyle = ISO",
    "SET default_transaction_read_only = on",
};

std::string one_line(const char* text) {
  std::string line = text ? text : "";
  while (!line.empty() && (line.back() == '\n' || line.back() == ' '))
    line.pop_back();
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool is_ok(const PGresult* result) {
  const auto status = ::PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/// Servers name themselves "15.18 (Debian 15.18-0+deb12u1)".
std::string first_word(const char* text) {
  const std::string words = text ? text : "?";
  return words.substr(0, words.find(' '));
}

std::int32_t peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return 0;
  return peer.pid;
}

bool is_local(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  return ::getpeername(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.ss_family == AF_UNIX;
}

} // namespace

std::string Connection::open(const OpenServer& request) {
  std::vector<const char*> keys = {"dbname", "client_encoding", "application_name",
                                   "connect_timeout"};
  std::vector<const char*> values = {request.connection.c_str(), "UTF8", "quill", "10"};
  if (!request.password.empty()) {
    keys.insert(keys.begin(), "password"); // what the connection string says wins
    values.insert(values.begin(), request.password.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(::PQconnectdbParams(keys.data(), values.data(), 1));
  if (::PQstatus(get()) != CONNECTION_OK)
    return one_line(::PQerrorMessage(get()));
  ::PQsetNoticeProcessor(get(), [](void*, const char*) {}, nullptr);
  const char* superuser = ::PQparameterStatus(get(), "is_superuser");
  superuser_ = superuser && std::string_view(superuser) == "on";
  return "";
}

/// A superuser can become any role, also one that nobody may log in as. What may be read is then
/// all that may be done.
std::string Connection::give_rights_away() {
  (void)execute("SET temp_file_limit = '1GB'"); // for superusers to set
  const auto became = execute("SET SESSION AUTHORIZATION pg_read_all_data");
  if (is_ok(became.get()))
    return "";
  return "the role is a superuser, and this server has no role pg_read_all_data to become "
         "(PostgreSQL 14 and later have it): use a role that may only read";
}

std::string Connection::settle(const std::string& script) {
  if (!script.empty()) {
    const auto made = execute("SET default_transaction_read_only = off; "
                              "SET search_path = pg_temp; " +
                              script);
    if (!is_ok(made.get()))
      return fmt::format("the script fails: {}", one_line(::PQresultErrorMessage(made.get())));
  }
  if (superuser_)
    if (auto wrong = give_rights_away(); !wrong.empty())
      return wrong;
  for (const auto* setting : kSettings)
    (void)execute(setting);
  return "";
}

std::string Connection::version() const {
  return fmt::format("postgres {}", first_word(::PQparameterStatus(get(), "server_version")));
}

Backend Connection::backend() const {
  Backend backend;
  backend.pid = ::PQbackendPID(get());
  backend.server_pid = is_local(::PQsocket(get())) ? peer_of(::PQsocket(get())) : 0;
  backend.superuser = superuser_;
  return backend;
}

ResultHandle Connection::execute(const std::string& sql) const {
  return ResultHandle(::PQexec(get(), sql.c_str()));
}

ResultHandle Connection::execute_one(const std::string& sql) const {
  return ResultHandle(::PQexecParams(get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
}

std::vector<std::vector<std::string>> Connection::rows(const std::string& sql) const {
  const auto result = execute_one(sql);
  std::vector<std::vector<std::string>> rows;
  if (::PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    return rows;
  rows.resize(static_cast<std::size_t>(::PQntuples(result.get())));
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (int column = 0; column < ::PQnfields(result.get()); ++column)
      rows[row].emplace_back(::PQgetvalue(result.get(), static_cast<int>(row), column));
  return rows;
}

ReadOnly::ReadOnly(const Connection& connection, std::int64_t timeout_ms)
    : connection_(connection) {
  ok_ = is_ok(connection_.execute("BEGIN TRANSACTION READ ONLY").get());
  allow(timeout_ms);
}

ReadOnly::~ReadOnly() {
  if (::PQstatus(connection_.get()) == CONNECTION_OK)
    (void)connection_.execute("ROLLBACK");
}

void ReadOnly::allow(std::int64_t timeout_ms) const {
  const auto ms = std::clamp<std::int64_t>(timeout_ms, 1, 2'000'000'000);
  (void)connection_.execute(fmt::format("SET LOCAL statement_timeout = {}", ms));
}

Verdict verdict_of(const Connection& connection, const PGresult* result) {
  const char* field = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string state = field ? field : "";
  const char* primary = ::PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  auto message = one_line(primary ? primary : ::PQerrorMessage(connection.get()));
  const auto is = [&](std::string_view prefix) { return state.starts_with(prefix); };
  // libpq itself ran out of memory, or a row was too big for it
  if (state.empty() && message.find("out of memory") != std::string::npos)
    return {Status::memory_limit, Cause::none, std::move(message)};
  if (::PQstatus(connection.get()) != CONNECTION_OK)
    return {Status::error, Cause::none, std::string(kEngineGone) + message};
  // https://www.postgresql.org/docs/15/errcodes-appendix.html
  if (is("57014"))
    return {Status::timeout, Cause::none, std::move(message)};
  if (is("42501") || is("25006"))
    return blocked(Cause::forbidden, std::move(message));
  for (const auto* unknown : {"42P01", "42703", "42883", "42704", "42P02", "3F000"})
    if (is(unknown))
      return blocked(Cause::unknown_name, std::move(message));
  if (is("42") || is("0A000") || is("22021") || is("54011") || is("54023"))
    return blocked(Cause::syntax, std::move(message));
  if (is("53") || is("54000") || message.find("invalid memory alloc") != std::string::npos)
    return {Status::memory_limit, Cause::none, std::move(message)};
  return {Status::error, Cause::none, std::move(message)};
}

} // namespace quill::engine::postgres
