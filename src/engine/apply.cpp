#include "quill/engine/apply.hpp"

#include <memory>

#include <fmt/format.h>
#include <sqlite3.h>

#include "quill/core/error.hpp"
#include "quill/sql/index.hpp"

namespace quill::engine {

namespace {

constexpr int kWaitMs = 10'000;

struct Close {
  void operator()(sqlite3* handle) const { ::sqlite3_close(handle); } // rolls back what is open
};
using Handle = std::unique_ptr<sqlite3, Close>;

void check(int code, const Handle& handle, const std::filesystem::path& database) {
  if (code != SQLITE_OK)
    throw Error{
        Exit::storage,
        {.what = fmt::format("the indexes were not made: {}",
                             handle ? ::sqlite3_errmsg(handle.get()) : ::sqlite3_errstr(code)),
         .where = database.string(),
         .fix = "see who writes the database, and whether you may; nothing was changed"}};
}

void run(const Handle& handle, const std::string& sql, const std::filesystem::path& database) {
  check(::sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, nullptr), handle, database);
}

/// Printed from its parts: nothing else can be behind it.
std::string plain(const std::string& statement) {
  const auto index = sql::parse_create_index(statement);
  if (!index)
    throw Error{Exit::usage,
                {.what = "no CREATE INDEX: " + index.failure().what,
                 .where = statement,
                 .fix = "only indexes are made"}};
  return sql::print_create_index(index.value());
}

} // namespace

void create_indexes(const std::filesystem::path& database,
                    const std::vector<std::string>& create_index) {
  std::string script;
  for (const std::string& statement : create_index)
    script += plain(statement) + ";\n";
  sqlite3* raw = nullptr;
  const int opened = ::sqlite3_open_v2(database.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
  const Handle handle(raw);
  check(opened, handle, database);
  ::sqlite3_busy_timeout(handle.get(), kWaitMs);
  run(handle, "PRAGMA trusted_schema=OFF; BEGIN IMMEDIATE;", database);
  run(handle, script, database);
  run(handle, "COMMIT;", database);
}

} // namespace quill::engine
