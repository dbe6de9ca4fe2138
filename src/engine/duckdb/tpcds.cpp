#include "engine/duckdb/tpcds.hpp"

#include <fstream>

#include <fmt/core.h>

#include "engine/duckdb/database.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine::duckdb {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string write(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file ? "" : fmt::format("cannot write \"{}\"", path);
}

std::string write_queries(const Database& database, const std::string& folder) {
  for (const auto& row :
       database.rows("SELECT printf('%02d', query_nr), query FROM tpcds_queries() ORDER BY 1"))
    if (auto wrong = write(fmt::format("{}/query{}.sql", folder, row[0]), row[1]); !wrong.empty())
      return wrong;
  return "";
}

std::string write_tables(const Database& database, const std::string& folder) {
  std::string script;
  for (const auto& row :
       database.rows("SELECT table_name, sql FROM duckdb_tables() WHERE NOT internal ORDER BY 1")) {
    script += row[1] + "\n";
    const auto path = fmt::format("{}/{}.csv", folder, row[0]);
    if (auto wrong = database.execute(fmt::format("COPY {} TO {} (FORMAT csv, HEADER false)",
                                                  sql::quoted_name(row[0], sql::Dialect::duckdb),
                                                  quoted(path)));
        !wrong.empty())
      return wrong;
  }
  return write(folder + "/schema.sql", script);
}

} // namespace

std::string make_tpcds(const MakeTpcds& request) {
  Database database;
  if (const auto made = database.create(request.database); !made.ok())
    return made.failure().what;
  for (const auto& statement :
       {std::string("SET autoinstall_known_extensions=false"), "LOAD " + quoted(request.extension),
        fmt::format("CALL dsdgen(sf={}, keys=true)", request.scale), std::string("CHECKPOINT")})
    if (auto wrong = database.execute(statement); !wrong.empty())
      return wrong;
  if (auto wrong = write_queries(database, request.folder); !wrong.empty() || !request.tables)
    return wrong;
  return write_tables(database, request.folder);
}

} // namespace quill::engine::duckdb
