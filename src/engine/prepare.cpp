#include "quill/engine/prepare.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "engine/conversation.hpp"
#include "engine/engines.hpp"
#include "quill/core/files.hpp"

namespace quill::engine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = "tpcds.duckdb_extension";
constexpr double kPatienceMs = 6.0 * 3'600'000;

void must_be_built(bool built, const char* engine) {
  if (!built)
    throw Error{Exit::usage,
                {fmt::format("this build has no {}", engine), "suite prepare",
                 "run scripts/setup.sh engines, then configure and build again"}};
}

} // namespace

fs::path tpcds_extension(const fs::path& given) {
  must_be_built(kHasDuckdb, "DuckDB");
  if (!given.empty())
    return given;
  const fs::path places[] = {sibling_program(kDuckdbWorker).parent_path() / kExtension,
                             shipped_folder() / "../.cache/duckdb" / kExtension};
  for (const auto& place : places)
    if (fs::exists(place))
      return fs::absolute(place).lexically_normal();
  throw Error{Exit::usage,
              {fmt::format("there is no \"{}\"", kExtension),
               fmt::format("{}, {}", places[0].lexically_normal().string(),
                           places[1].lexically_normal().string()),
               "run scripts/setup.sh engines, or name the file with --extension"}};
}

void make_tpcds(double scale, const TpcdsFiles& files, const Cancel& cancel) {
  must_be_built(kHasDuckdb, "DuckDB");
  try {
    Conversation(&cancel).open(
        {std::string(kDuckdbWorker), Ask::make_tpcds,
         encoded(MakeTpcds{scale, fs::absolute(files.extension), fs::absolute(files.database),
                           fs::absolute(files.folder), files.tables}),
         files.database.string(), "see that there is memory and room on the disk for this factor",
         kPatienceMs});
  } catch (...) { // rethrown: only what was begun goes
    std::error_code ignored;
    fs::remove(files.database, ignored);
    fs::remove(files.database.string() + ".wal", ignored);
    throw;
  }
}

void fill_postgres(std::string_view connection, const std::string& before,
                   const std::vector<TableFile>& files, const std::string& after,
                   const Cancel& cancel) {
  must_be_built(kHasPostgres, "PostgreSQL");
  const char* password = std::getenv("PGPASSWORD");
  FillServer request{std::string(connection), password ? password : "", before, {}, after};
  for (const auto& file : files)
    request.files.push_back({file.table, fs::absolute(file.path)});
  Conversation(&cancel).open({std::string(kPostgresWorker), Ask::fill_server, encoded(request),
                              "--dsn", "check the server and its log", kPatienceMs});
}

} // namespace quill::engine
