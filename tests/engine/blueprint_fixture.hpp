// What the blueprint tests share: a small blueprint, built databases, single answers.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "catch.hpp"
#include "folders.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/blueprint.hpp"

namespace quill::engine::fixture {

/// Shipped data of this source tree, unless the caller has named another.
inline void use_shipped_data() {
  ::setenv("QUILL_DATA_DIR", QUILL_SOURCE_FOLDER "/data", 0);
}

inline Blueprint shop(std::int64_t users = 10'000, std::int64_t orders = 50'000) {
  use_shipped_data();
  Blueprint blueprint = Blueprint::load("shop");
  blueprint.resize("users", users);
  blueprint.resize("orders", orders);
  return blueprint;
}

inline SeedReport build(const Blueprint& blueprint, std::uint64_t seed,
                        const std::filesystem::path& out) {
  const Cancel never;
  return build_database(blueprint, seed, out, /*overwrite=*/true, never);
}

/// A connection for the test's own questions.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) {
    sqlite3* handle = nullptr;
    REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
    handle_.reset(handle);
  }

  /// Cells as SQLite prints them, NULL as "NULL", one line a row.
  std::vector<std::string> lines(const std::string& sql) {
    std::vector<std::string> result;
    const auto add = [](void* to, int count, char** cells, char**) {
      std::string line;
      for (int i = 0; i < count; ++i)
        line += (i == 0 ? "" : "|") + std::string(cells[i] == nullptr ? "NULL" : cells[i]);
      static_cast<std::vector<std::string>*>(to)->push_back(std::move(line));
      return 0;
    };
    char* message = nullptr;
    const int code = sqlite3_exec(handle_.get(), sql.c_str(), add, &result, &message);
    INFO(sql << ": " << (message == nullptr ? "" : message));
    REQUIRE(code == SQLITE_OK);
    return result;
  }
  std::string one(const std::string& sql) { return lines(sql).at(0); }
  double number(const std::string& sql) { return std::stod(one(sql)); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

/// The three lines of the error that `call` ends with; "" when it ends well.
template <class Call> std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.format();
  }
  return "";
}

inline std::size_t files_in(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

} // namespace quill::engine::fixture
