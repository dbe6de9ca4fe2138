// A SQLite file being filled in bulk: no journal, no syncs, bounded cache, since the whole file is
// thrown away on any failure.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "engine/blueprint_model.hpp"

namespace quill::engine::seed {

class BulkDatabase {
 public:
  /// Opens the empty file `path`; errors name `shown`, the file the user asked for.
  BulkDatabase(const std::filesystem::path& path, std::filesystem::path shown);

  void run(const std::string& script);
  void close(); ///< writes what is left; \throws Error{storage}

  /// Inserts rows into one table.
  class Inserter {
   public:
    Inserter(BulkDatabase& database, const Table& table);
    void insert(const std::vector<Cell>& cells);

   private:
    struct Finalize {
      void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    BulkDatabase& database_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  };

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  void check(int code);

  std::filesystem::path shown_;
  std::unique_ptr<sqlite3, Close> handle_;
};

} // namespace quill::engine::seed
