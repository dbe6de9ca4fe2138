#include "quill/engine/alter.hpp"

#include <fmt/format.h>

#include "engine/blueprint_database.hpp"
#include "quill/core/error.hpp"

namespace quill::engine {

namespace fs = std::filesystem;

namespace {

void copy_database(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy_file(from, to, error);
  if (error)
    throw Error{Exit::storage,
                {.what = fmt::format("the database cannot be copied: {}", error.message()),
                 .where = to.string(),
                 .fix = "check the disk and the permissions of the folder"}};
}

} // namespace

void alter_copy(const fs::path& from, const fs::path& to, const std::string& script) {
  copy_database(from, to);
  try {
    seed::BulkDatabase database(to, to);
    database.run("PRAGMA trusted_schema=OFF;");
    database.run(script);
    database.close();
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(to, ignored);
    throw;
  }
}

} // namespace quill::engine
