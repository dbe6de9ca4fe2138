// SQLite as a witness: the program a query compiles to.
#pragma once

#include <memory>
#include <string>

#include <sqlite3.h>

namespace quill::sql::test {

inline constexpr const char* kShop =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, "
    "age INTEGER, city TEXT, country TEXT NOT NULL, created_at TEXT NOT NULL);"
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id), "
    "product TEXT NOT NULL, category TEXT NOT NULL, quantity INTEGER NOT NULL, "
    "amount REAL NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, shipped_at TEXT);";

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

inline Database open(const std::string& path, const char* script = "") {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(handle, &sqlite3_close);
  sqlite3_exec(handle, script, nullptr, nullptr, nullptr);
  return database;
}

/// Opcodes and operands of EXPLAIN, comments left out; "" when the query does not compile.
inline std::string program(sqlite3* database, const std::string& query) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, ("EXPLAIN " + query).c_str(), -1, &statement, nullptr) !=
      SQLITE_OK)
    return {};
  std::string result;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    for (int column = 1; column <= 6; ++column) {
      const auto* text = sqlite3_column_text(statement, column);
      result += text ? reinterpret_cast<const char*>(text) : "-";
      result += column < 6 ? '|' : '\n';
    }
  }
  sqlite3_finalize(statement);
  return result;
}

} // namespace quill::sql::test
