// Databases of benchmarks: TPC-DS made by DuckDB's extension, tables of a server filled from files.
// Only what we ourselves wrote runs here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace quill {
class Cancel;
}

namespace quill::engine {

/// The file of DuckDB's TPC-DS extension: `given`, else beside the worker, else where
/// scripts/setup.sh puts it. \throws Error{usage} when there is none
[[nodiscard]] std::filesystem::path tpcds_extension(const std::filesystem::path& given);

struct TpcdsFiles {
  std::filesystem::path extension;
  std::filesystem::path database; ///< made; must not be there
  std::filesystem::path folder;   ///< is there; gets query01.sql … query99.sql
  bool tables = false;            ///< also schema.sql and <table>.csv, one a table
};
/// The tables of TPC-DS with their primary keys. A factor of 1 is about 1 GB of text; a minute on
/// one core. Below 0.01 the generator does not end. Nothing is left behind on failure.
/// \throws Error{usage} without DuckDB, or when DuckDB refuses; Error{interrupted}
void make_tpcds(double scale, const TpcdsFiles& files, const Cancel& cancel);

/// A file of comma-separated values, empty for NULL, without a heading.
struct TableFile {
  std::string table;
  std::filesystem::path path;
};
/// Runs `before`, fills the tables by COPY and runs `after`, all in one transaction. PGPASSWORD is
/// taken from the environment.
/// \throws Error{usage} without PostgreSQL; Error{outside} when the server refuses
void fill_postgres(std::string_view connection, const std::string& before,
                   const std::vector<TableFile>& files, const std::string& after,
                   const Cancel& cancel);

} // namespace quill::engine
