// Small databases on disk and in memory for the tests of this room.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sqlite3.h>

#include "catch.hpp"

#include "folders.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/session.hpp"

namespace quill::engine::test {

inline constexpr const char* kShop =
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER, city TEXT);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),"
    " amount REAL NOT NULL, status TEXT NOT NULL);"
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<500)"
    " INSERT INTO users SELECT x, 'user'||x, 18+x%60, CASE x%4 WHEN 0 THEN NULL ELSE 'c'||(x%7) END"
    " FROM c;"
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c WHERE x<5000)"
    " INSERT INTO orders SELECT x, 1+x%500, (x*37%1000)/10.0,"
    " CASE x%3 WHEN 0 THEN 'paid' WHEN 1 THEN 'open' ELSE 'void' END FROM c;";

inline constexpr const char* kEndless =
    "WITH RECURSIVE c(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c";

/// A database file written by SQLite itself.
class FileDatabase {
 public:
  explicit FileDatabase(const std::filesystem::path& path) {
    REQUIRE(::sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
  }
  ~FileDatabase() { ::sqlite3_close(handle_); }
  FileDatabase(const FileDatabase&) = delete;
  FileDatabase& operator=(const FileDatabase&) = delete;
  void execute(const std::string& sql) {
    INFO(sql);
    REQUIRE(::sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  /// Copies what is on disk now, as a crash would leave it.
  static void copy(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* part : {"", "-wal", "-journal"})
      if (std::filesystem::exists(from.string() + part))
        std::filesystem::copy_file(from.string() + part, to.string() + part);
  }

 private:
  sqlite3* handle_ = nullptr;
};

inline std::filesystem::path write_shop(const ScratchFolder& folder) {
  const auto path = folder.path() / "shop.db";
  FileDatabase(path).execute(kShop);
  return path;
}

inline std::string hash_of(const std::filesystem::path& path) {
  return sha256_hex(read_file(path, 1U << 30U));
}

/// Names in a folder, sorted.
inline std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

/// Data shared beside the source folder, when it is there.
inline std::optional<std::filesystem::path> shared_data() {
  const char* given = std::getenv("QUILL_SHARED_DATA");
  const std::filesystem::path folder =
      given ? given : std::filesystem::path(QUILL_SOURCE_FOLDER) / ".." / "shared" / "data";
  if (!std::filesystem::exists(folder))
    return std::nullopt;
  return folder;
}

using Texts = std::vector<std::string>;

/// A cell: overloads would take a plain 1 for a bool or a double.
inline std::int64_t integer(std::int64_t value) {
  return value;
}

/// "ok", "timeout", "blocked/syntax" …
inline std::string verdict(const Execution& execution) {
  const std::string cause(to_string(execution.cause));
  return std::string(to_string(execution.status)) + (cause.empty() ? "" : "/" + cause);
}

template <class F> Error error_of(F&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no Error was thrown");
  throw std::logic_error("unreachable");
}

} // namespace quill::engine::test
