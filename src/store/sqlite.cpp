#include "store/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

namespace quill::store {

namespace {

bool damaged(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_FORMAT;
}

[[noreturn]] void fail_damaged(const std::filesystem::path& path, std::string_view message) {
  throw Error{Exit::usage,
              {.what = fmt::format("\"{}\" cannot be read as a run: {}", path.string(), message),
               .where = path.string(),
               .fix = "nothing was changed; restore the file from a copy, or start a new run with "
                      "another --out"}};
}

[[noreturn]] void fail_storage(const std::filesystem::path& path, int code,
                               std::string_view message) {
  throw Error{Exit::storage,
              {.what = fmt::format("storage failed: {} (SQLite code {})", message, code),
               .where = path.string(),
               .fix = "everything committed before is safe in this file; make room or mend the "
                      "disk, then run the same command with --resume"}};
}

int open_flags(OpenMode mode) {
  switch (mode) {
  case OpenMode::create:
    return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  case OpenMode::write:
    return SQLITE_OPEN_READWRITE;
  case OpenMode::read:
    return SQLITE_OPEN_READONLY;
  }
  return SQLITE_OPEN_READONLY;
}

} // namespace

Connection::Connection(const std::filesystem::path& path, OpenMode mode) : path_(path) {
  const int code = sqlite3_open_v2(path.c_str(), &handle_, open_flags(mode), nullptr);
  if (code != SQLITE_OK) {
    const std::string message = handle_ != nullptr ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
    sqlite3_close(handle_);
    fail_storage(path, code, message);
  }
  sqlite3_extended_result_codes(handle_, 1);
  sqlite3_busy_timeout(handle_, 10'000);
  try {
    execute("PRAGMA mmap_size=0; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF;"
            "PRAGMA foreign_keys=ON;");
  } catch (...) { // the destructor does not run for a half-made object
    sqlite3_close(handle_);
    throw;
  }
}

Connection::~Connection() {
  sqlite3_close(handle_);
}

void Connection::fail(int code) const {
  const std::string message = sqlite3_errmsg(handle_);
  if (damaged(code))
    fail_damaged(path_, message);
  fail_storage(path_, code, message);
}

void Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    fail(code);
}

std::int64_t Connection::integer(std::string_view sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Connection::text(std::string_view sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : std::string{};
}

Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection) {
  const int code = sqlite3_prepare_v2(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      &statement_, nullptr);
  if (code != SQLITE_OK)
    connection.fail(code);
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  QUILL_CHECK(sqlite3_bind_int64(statement_, parameter, value) == SQLITE_OK, "bind integer");
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  QUILL_CHECK(sqlite3_bind_double(statement_, parameter, value) == SQLITE_OK, "bind real");
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view value) {
  const int code = sqlite3_bind_text64(statement_, parameter, value.data(), value.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK)
    connection_.fail(code);
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::string_view value) {
  // A null pointer would store NULL, not an empty blob.
  const char* bytes = value.empty() ? "" : value.data();
  const int code =
      sqlite3_bind_blob64(statement_, parameter, bytes, value.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK)
    connection_.fail(code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE)
    connection_.fail(code);
  return false;
}

void Statement::run() {
  QUILL_CHECK(!step(), "this statement gives no rows");
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes != nullptr ? std::string(bytes, static_cast<std::size_t>(size)) : std::string{};
}

bool Statement::null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Transaction::Transaction(Connection& connection, const char* begin) : connection_(connection) {
  connection_.execute(begin);
}

Transaction::~Transaction() {
  if (open_) // best effort: SQLite has rolled back by itself after a failed write
    sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  connection_.execute("COMMIT");
  open_ = false;
}

void back_up(Connection& source, const std::filesystem::path& target) {
  const std::filesystem::path temporary = target.string() + ".tmp";
  std::filesystem::remove(temporary);
  {
    Connection copy(temporary, OpenMode::create);
    sqlite3_backup* backup = sqlite3_backup_init(copy.handle(), "main", source.handle(), "main");
    if (backup == nullptr)
      copy.fail(sqlite3_errcode(copy.handle()));
    const int code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE)
      copy.fail(code);
  }
  std::error_code failure;
  std::filesystem::rename(temporary, target, failure);
  if (failure)
    fail_storage(target, failure.value(), failure.message());
}

} // namespace quill::store
