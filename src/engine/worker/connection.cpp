#include "engine/worker/connection.hpp"

#include <algorithm>
#include <array>
#include <new>

#include <fmt/core.h>

#include "engine/protocol.hpp"
#include "quill/sql/text.hpp"

namespace quill::engine {
namespace {

/// Table-valued functions of this SQLite: their modules are dropped, so they are unknown names, but
/// the honest answer is that they are forbidden.
constexpr std::array kModules = {"json_each",   "json_tree",       "sqlite_stmt",
                                 "dbstat",      "fts3tokenize",    "bytecode",
                                 "tables_used", "generate_series", "fsdir"};

struct LimitValue {
  int id;
  int value;
};
/// Values measured against a corpus of hostile statements; the benign ones pass.
constexpr LimitValue kLimits[] = {
    {SQLITE_LIMIT_LENGTH, 4'000'000},
    {SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(kStatementBytesMax)},
    {SQLITE_LIMIT_COLUMN, 2000}, // the engine's own: wide tables are honest
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 50},
    {SQLITE_LIMIT_VDBE_OP, 100'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 100},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

std::string_view skip_blank(std::string_view sql) {
  while (!sql.empty()) {
    if (sql.find_first_of(" \t\r\n\f;") == 0) {
      sql.remove_prefix(1);
    } else if (sql.substr(0, 2) == "--") {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.substr(0, 2) == "/*") {
      const auto end = sql.find("*/", 2);
      sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    } else {
      break;
    }
  }
  return sql;
}

bool is_module(std::string_view message) {
  constexpr std::string_view kPrefix = "no such table: ";
  if (message.substr(0, kPrefix.size()) != kPrefix)
    return false;
  const std::string name(message.substr(kPrefix.size()));
  return std::any_of(kModules.begin(), kModules.end(), [&](const char* module) {
    return ::sqlite3_stricmp(module, name.c_str()) == 0;
  });
}

Prepared refused(Cause cause, std::string message) {
  return {nullptr, Status::blocked, cause, std::move(message)};
}

} // namespace

bool is_blank_sql(std::string_view sql) {
  return skip_blank(sql).empty();
}

Connection::Connection() : guard_(std::make_unique<Guard>()) {
  configure();
}

Connection::Connection(Mapping view, Access access)
    : view_(std::move(view)), guard_(std::make_unique<Guard>()) {
  configure();
  const bool read_only = access == Access::read_only;
  const int code = ::sqlite3_deserialize(
      handle(), "main", view_.data(), static_cast<sqlite3_int64>(view_.size()),
      static_cast<sqlite3_int64>(view_.capacity()), read_only ? SQLITE_DESERIALIZE_READONLY : 0U);
  if (code != SQLITE_OK)
    throw std::bad_alloc();
}

void Connection::configure() {
  sqlite3* opened = nullptr;
  const int code =
      ::sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK)
    throw std::bad_alloc();
  ::sqlite3_drop_modules(opened, nullptr); // no virtual table of any kind
  ::sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  ::sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  ::sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, nullptr);
  ::sqlite3_db_config(opened, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  execute("PRAGMA temp_store=MEMORY");
  execute("PRAGMA cell_size_check=ON");
  ::sqlite3_set_authorizer(opened, Guard::authorize, guard_.get());
}

void Connection::harden() {
  for (const auto& limit : kLimits)
    ::sqlite3_limit(handle(), limit.id, limit.value);
}

void Connection::introduce_tables() {
  guard_->tell_tables(column("SELECT name FROM sqlite_schema WHERE type='table' AND rootpage<>0"));
  guard_->forbid_tables(column("SELECT lower(name) FROM sqlite_schema "
                               "WHERE type='table' AND rootpage=0"));
}

std::string Connection::execute(std::string_view sql) {
  char* message = nullptr;
  const int code = ::sqlite3_exec(handle(), std::string(sql).c_str(), nullptr, nullptr, &message);
  std::string text = code == SQLITE_OK ? "" : message ? message : ::sqlite3_errstr(code);
  ::sqlite3_free(message);
  return text;
}

std::vector<std::string> Connection::column(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  ::sqlite3_prepare_v2(handle(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr);
  const StatementHandle statement(raw);
  std::vector<std::string> values;
  while (raw && ::sqlite3_step(raw) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(raw, 0));
    values.emplace_back(text ? text : "");
  }
  return values;
}

void Connection::start(const Limits& limits) {
  guard_->start_clock(limits);
  ::sqlite3_progress_handler(handle(), progress_interval(limits), Guard::progress, guard_.get());
}

Prepared Connection::verdict(int code) {
  const std::string message = ::sqlite3_errmsg(handle());
  const int primary = code & 0xff;
  if (primary == SQLITE_NOMEM)
    return {nullptr, Status::memory_limit, Cause::none, "out of memory while preparing"};
  if (message.starts_with("too many references")) // a plan of more than 65,535 scans of a table
    return {nullptr, Status::memory_limit, Cause::none, message};
  if (!guard_->denied().empty())
    return refused(Cause::forbidden, guard_->denied());
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_IOERR)
    return {nullptr, Status::error, Cause::none, message};
  if (is_module(message))
    return refused(Cause::forbidden, "table-valued functions are not allowed");
  const bool unknown = message.starts_with("no such ");
  return refused(unknown ? Cause::unknown_name : Cause::syntax, message);
}

/// One statement that parses and names only what it may; nothing is said yet of its kind.
Prepared Connection::compile(std::string_view sql) {
  guard_->begin_statement();
  if (const auto nul = sql.find('\0'); nul != std::string_view::npos)
    return refused(Cause::syntax, fmt::format("NUL byte at offset {}", nul));
  sql = skip_blank(sql);
  if (sql.empty())
    return refused(Cause::syntax, "empty statement");
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int code =
      ::sqlite3_prepare_v2(handle(), sql.data(), static_cast<int>(sql.size()), &raw, &tail);
  Prepared prepared;
  prepared.statement.reset(raw);
  if (code != SQLITE_OK)
    return verdict(code);
  if (!is_blank_sql(sql.substr(static_cast<std::size_t>(tail - sql.data()))))
    return refused(Cause::multiple, "more than one statement");
  if (::sqlite3_stmt_isexplain(raw) != 0)
    return refused(Cause::forbidden, "EXPLAIN is not allowed: only a SELECT may run");
  return prepared;
}

Prepared Connection::prepare(std::string_view sql) {
  auto prepared = compile(sql);
  if (auto* statement = prepared.statement.get();
      statement && (!::sqlite3_stmt_readonly(statement) || ::sqlite3_column_count(statement) == 0))
    return refused(Cause::forbidden, "the statement gives no rows: only a SELECT may run");
  return prepared;
}

Prepared Connection::prepare_index(std::string_view sql) {
  if (!sql::is_create_index(skip_blank(sql)))
    return refused(Cause::forbidden, "only CREATE INDEX is allowed");
  return compile(sql);
}

Prepared runtime_verdict(sqlite3* database, const Guard& guard, int code) {
  switch (code & 0xff) {
  case SQLITE_INTERRUPT:
    if (guard.stopped())
      return {nullptr, Status::row_limit, Cause::none, "stopped by the reader of its rows"};
    return {nullptr, Status::timeout, Cause::none, ""};
  case SQLITE_NOMEM:
    return {nullptr, Status::memory_limit, Cause::none, "out of memory"};
  case SQLITE_TOOBIG:
    return {nullptr, Status::memory_limit, Cause::none, ::sqlite3_errmsg(database)};
  default:
    return {nullptr, Status::error, Cause::none, ::sqlite3_errmsg(database)};
  }
}

Mapping Connection::release() && {
  sqlite3_int64 bytes = 0;
  ::sqlite3_serialize(handle(), "main", &bytes, SQLITE_SERIALIZE_NOCOPY);
  database_.reset();
  view_.resize(static_cast<std::size_t>(bytes));
  return std::move(view_);
}

} // namespace quill::engine
