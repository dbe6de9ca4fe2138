// DuckDB's C interface with owners: a database, its connection, results.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <duckdb.h>

#include "quill/core/error.hpp"

namespace quill::engine::duckdb {

/// Owns one handle of the C interface; `destroy` takes its address.
template <class T, void (*destroy)(T*)> class Owned {
 public:
  Owned() = default;
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, T{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() { reset(); }

  [[nodiscard]] T get() const noexcept { return handle_; }
  [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }
  /// For functions that make one.
  [[nodiscard]] T* out() {
    reset();
    return &handle_;
  }
  void reset() {
    if (handle_)
      destroy(&handle_);
    handle_ = T{};
  }

 private:
  T handle_{};
};

using DatabaseHandle = Owned<duckdb_database, duckdb_close>;
using ConnectionHandle = Owned<duckdb_connection, duckdb_disconnect>;
using ConfigHandle = Owned<duckdb_config, duckdb_destroy_config>;
using PreparedHandle = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
using ExtractedHandle = Owned<duckdb_extracted_statements, duckdb_destroy_extracted>;
using PendingHandle = Owned<duckdb_pending_result, duckdb_destroy_pending>;
using ChunkHandle = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using ValueHandle = Owned<duckdb_value, duckdb_destroy_value>;
using TypeHandle = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;

class Answered {
 public:
  Answered() = default;
  ~Answered() { ::duckdb_destroy_result(&result_); }
  Answered(const Answered&) = delete;
  Answered& operator=(const Answered&) = delete;
  [[nodiscard]] duckdb_result* get() noexcept { return &result_; }

 private:
  duckdb_result result_{};
};

/// A string the C interface allocated.
[[nodiscard]] std::string taken(char* text);

class Database {
 public:
  /// A file opened read-only, or "" for a database in memory. Nothing outside is reached from it.
  Result<bool> open(const std::string& path);
  /// A file that is made, or written: for what we ourselves put into it.
  Result<bool> create(const std::string& path);
  [[nodiscard]] duckdb_connection connection() const noexcept { return connection_.get(); }

  /// Runs our own SQL, one statement or several. "" or the engine's words.
  std::string execute(const std::string& sql) const;
  /// Our own query, every cell as text. Empty when it fails.
  [[nodiscard]] std::vector<std::vector<std::string>> rows(const std::string& sql) const;
  /// The same with one parameter of text; a failure is the engine's words.
  [[nodiscard]] Result<std::string> cell(const std::string& sql, std::string_view argument) const;

  /// Sets the memory limit and locks the configuration, once.
  std::string lock(std::int64_t memory_mb);

 private:
  DatabaseHandle database_;
  ConnectionHandle connection_;
  bool locked_ = false;
};

} // namespace quill::engine::duckdb
