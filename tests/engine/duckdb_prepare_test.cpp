// TPC-DS, made by DuckDB's own extension.
#include "catch.hpp"

#include <fstream>

#include "folders.hpp"
#include "quill/core/cancel.hpp"
#include "quill/core/files.hpp"
#include "quill/engine/prepare.hpp"
#include "quill/engine/session.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::engine;
using quill::test::refusal;

namespace {

/// "" with a word when the extension was not fetched.
std::filesystem::path extension() {
  const std::filesystem::path file = QUILL_SOURCE_FOLDER "/.cache/duckdb/tpcds.duckdb_extension";
  if (std::filesystem::exists(file))
    return file;
  WARN("skipped: there is no tpcds.duckdb_extension (scripts/setup.sh engines)");
  return {};
}

} // namespace

TEST_CASE("TPC-DS has 24 tables with their keys, and 99 queries that prepare", "[engine]") {
  const auto file = extension();
  if (file.empty())
    return;
  const ScratchFolder scratch;
  const Cancel cancel;
  const TpcdsFiles files{.extension = file,
                         .database = scratch.path() / "tpcds.duckdb",
                         .folder = scratch.path(),
                         .tables = true};
  make_tpcds(0.01, files, cancel);
  const auto session = open_duckdb(files.database);
  CHECK(session->schema().tables.size() == 24);
  CHECK(session->schema().table("item")->primary_key == std::vector<std::string>{"i_item_sk"});
  CHECK(read_file(scratch.path() / "schema.sql").find("CREATE TABLE store_sales(") !=
        std::string::npos);
  CHECK(std::filesystem::file_size(scratch.path() / "income_band.csv") > 0);
  for (const char* name : {"query01.sql", "query50.sql", "query99.sql"}) {
    const auto text = read_file(scratch.path() / name);
    CHECK(session->plan(text.substr(0, text.rfind(';'))).ok);
  }
}

TEST_CASE("an extension that is none is refused, and no database is left", "[engine]") {
  const ScratchFolder scratch;
  const Cancel cancel;
  const auto file = scratch.path() / "tpcds.duckdb_extension";
  std::ofstream(file) << "not an extension";
  const TpcdsFiles files{
      .extension = file, .database = scratch.path() / "tpcds.duckdb", .folder = scratch.path()};
  const auto refused = refusal(Exit::usage, [&] { make_tpcds(0.01, files, cancel); });
  CHECK(refused.what.starts_with("TPC-DS cannot be made: "));
  CHECK_FALSE(std::filesystem::exists(files.database));
}
