#include "engine/blueprint_database.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "quill/core/error.hpp"

namespace quill::engine::seed {

namespace {

// Every setting that shapes the file is named, so that a distribution's own defaults cannot.
constexpr const char* kSettings = "PRAGMA page_size=4096;"
                                  "PRAGMA encoding='UTF-8';"
                                  "PRAGMA auto_vacuum=NONE;"
                                  "PRAGMA journal_mode=OFF;"
                                  "PRAGMA synchronous=OFF;"
                                  "PRAGMA locking_mode=EXCLUSIVE;"
                                  "PRAGMA foreign_keys=OFF;"
                                  "PRAGMA temp_store=FILE;"
                                  "PRAGMA cache_size=-16384;"; // KiB

bool is_disk_full(int code, int system_error) {
  return (code & 0xff) == SQLITE_FULL || system_error == ENOSPC || system_error == EDQUOT;
}

std::string advice(int code, int system_error) {
  if (is_disk_full(code, system_error))
    return "free some space or choose another --out";
  if (system_error == EFBIG)
    return "raise the limit on file size (ulimit -f)";
  return "check the disk and the permissions of the folder";
}

} // namespace

BulkDatabase::BulkDatabase(const std::filesystem::path& path, std::filesystem::path shown)
    : shown_(std::move(shown)) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  handle_.reset(handle);
  check(code);
  run(kSettings);
}

void BulkDatabase::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
    return;
  const int system_error = handle_ ? sqlite3_system_errno(handle_.get()) : 0;
  const std::string reason = is_disk_full(code, system_error) ? "the disk is full"
                             : system_error != 0              ? std::strerror(system_error)
                             : handle_                        ? sqlite3_errmsg(handle_.get())
                                                              : sqlite3_errstr(code);
  throw Error{Exit::storage,
              {.what = fmt::format("cannot write the database: {}", reason),
               .where = shown_.string(),
               .fix = fmt::format("{}, then run the command again; nothing was left behind",
                                  advice(code, system_error))}};
}

void BulkDatabase::run(const std::string& script) {
  check(sqlite3_exec(handle_.get(), script.c_str(), nullptr, nullptr, nullptr));
}

void BulkDatabase::close() {
  const int code = sqlite3_close(handle_.get());
  if (code == SQLITE_OK)
    (void)handle_.release();
  check(code);
}

BulkDatabase::Inserter::Inserter(BulkDatabase& database, const Table& table) : database_(database) {
  const std::vector<std::string> marks(table.columns.size(), "?");
  const std::string sql =
      fmt::format("INSERT INTO {} VALUES ({})", table.name, fmt::join(marks, ", "));
  sqlite3_stmt* statement = nullptr;
  database.check(sqlite3_prepare_v3(database.handle_.get(), sql.c_str(), -1,
                                    SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  statement_.reset(statement);
}

void BulkDatabase::Inserter::insert(const std::vector<Cell>& cells) {
  sqlite3_stmt* statement = statement_.get();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const int at = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    if (const auto* whole = std::get_if<std::int64_t>(&cells[i]))
      code = sqlite3_bind_int64(statement, at, *whole);
    else if (const auto* real = std::get_if<double>(&cells[i]))
      code = sqlite3_bind_double(statement, at, *real);
    else if (const auto* text = std::get_if<std::string>(&cells[i]))
      code = sqlite3_bind_text(statement, at, text->data(), static_cast<int>(text->size()),
                               SQLITE_STATIC); // the cell outlives the step
    else
      code = sqlite3_bind_null(statement, at);
    database_.check(code);
  }
  const int code = sqlite3_step(statement);
  if (code != SQLITE_DONE)
    database_.check(code);
  sqlite3_reset(statement);
}

} // namespace quill::engine::seed
