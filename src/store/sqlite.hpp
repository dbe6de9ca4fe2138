// A thin, checked hold on SQLite for files we wrote ourselves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "quill/core/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace quill::store {

class Connection;

/// One prepared statement. Parameters are numbered from 1, columns from 0.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  Statement& bind_blob(int parameter, std::string_view value);

  /// True while there is a row. \throws Error
  bool step();
  /// step() of a statement without rows.
  void run();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const; ///< also blobs
  [[nodiscard]] bool null(int column) const;

 private:
  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
};

enum class OpenMode { create, write, read };

/// One open database file. Not thread-safe.
class Connection {
 public:
  /// \throws Error{usage} when the file cannot be a database of ours, Error{storage} when the disk
  /// says no.
  Connection(const std::filesystem::path& path, OpenMode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void execute(const std::string& sql);
  [[nodiscard]] std::int64_t integer(std::string_view sql);
  [[nodiscard]] std::string text(std::string_view sql);
  /// Ends the command with the engine's words: storage, or usage for files that are damaged.
  [[noreturn]] void fail(int code) const;

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
  sqlite3* handle_ = nullptr;
};

/// BEGIN now; rolled back unless commit() was reached.
class Transaction {
 public:
  explicit Transaction(Connection& connection, const char* begin = "BEGIN IMMEDIATE");
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  bool open_ = true;
};

/// A whole copy of the database at `target` (replaced when it is there), complete or absent.
void back_up(Connection& source, const std::filesystem::path& target);

} // namespace quill::store
