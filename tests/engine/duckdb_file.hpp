// DuckDB files for tests, written by DuckDB itself.
#pragma once

#include <filesystem>
#include <string>

#include "catch.hpp"

#include <duckdb.h>

namespace quill::engine::test {

inline void write_duckdb(const std::filesystem::path& path, const std::string& script) {
  duckdb_database database = nullptr;
  duckdb_connection connection = nullptr;
  REQUIRE(::duckdb_open(path.c_str(), &database) == DuckDBSuccess);
  REQUIRE(::duckdb_connect(database, &connection) == DuckDBSuccess);
  duckdb_result result;
  const auto state = ::duckdb_query(connection, script.c_str(), &result);
  INFO(script);
  CHECK(state == DuckDBSuccess);
  ::duckdb_destroy_result(&result);
  ::duckdb_disconnect(&connection);
  ::duckdb_close(&database); // writes the log into the file
}

inline constexpr const char* kDuckdbShop =
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, age INTEGER, city VARCHAR);"
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),"
    " amount DOUBLE NOT NULL, status VARCHAR NOT NULL);"
    "INSERT INTO users SELECT i, 'user'||i, 18+i%60, CASE i%4 WHEN 0 THEN NULL ELSE 'c'||(i%7) END"
    " FROM range(1, 501) t(i);"
    "INSERT INTO orders SELECT i, 1+i%500, (i*37%1000)/10.0,"
    " CASE i%3 WHEN 0 THEN 'paid' WHEN 1 THEN 'open' ELSE 'void' END FROM range(1, 5001) t(i);"
    "CREATE VIEW totals AS SELECT user_id, sum(amount) AS total FROM orders GROUP BY user_id;";

} // namespace quill::engine::test
