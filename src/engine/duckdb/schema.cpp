#include "engine/duckdb/schema.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/core.h>

#include "engine/worker/joined_names.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine::duckdb {
namespace {

using Rows = std::vector<std::vector<std::string>>;

void add_constraint(sql::Table& table, const std::vector<std::string>& row) {
  const auto &type = row[1], &columns = row[2], &target = row[3], &target_columns = row[4];
  if (type == "PRIMARY KEY") {
    table.primary_key = names_in(columns);
    table.unique.push_back(table.primary_key);
  } else if (type == "UNIQUE") {
    table.unique.push_back(names_in(columns));
  } else if (type == "FOREIGN KEY") {
    table.foreign_keys.push_back({names_in(columns), target, names_in(target_columns)});
  }
}

std::optional<long long> counted(const Database& database, const std::string& schema,
                                 const std::string& name) {
  const auto rows = database.rows(fmt::format("SELECT count(*) FROM {}.{}",
                                              sql::quoted_name(schema, sql::Dialect::duckdb),
                                              sql::quoted_name(name, sql::Dialect::duckdb)));
  long long count = 0;
  if (rows.empty() ||
      std::from_chars(rows[0][0].data(), rows[0][0].data() + rows[0][0].size(), count).ec !=
          std::errc())
    return std::nullopt;
  return count;
}

} // namespace

SchemaAnswer read_schema(const Database& database) {
  SchemaAnswer answer;
  std::map<std::string, std::size_t> by_id;
  for (const auto& row :
       database.rows("SELECT table_oid, schema_name, table_name, sql FROM duckdb_tables() "
                     "WHERE NOT internal ORDER BY table_oid")) {
    auto& table = answer.schema.tables.emplace_back();
    table.name = row[1] == "main" ? row[2] : row[1] + "." + row[2];
    table.sql = row[3];
    table.rows = counted(database, row[1], row[2]);
    by_id[row[0]] = answer.schema.tables.size() - 1;
  }
  const auto each = [&](const std::string& sql, const auto& add) {
    for (const auto& row : database.rows(sql))
      if (const auto found = by_id.find(row[0]); found != by_id.end())
        add(answer.schema.tables[found->second], row);
  };
  each("SELECT table_oid, column_name, data_type, is_nullable FROM duckdb_columns() "
       "WHERE NOT internal ORDER BY table_oid, column_index",
       [](sql::Table& table, const std::vector<std::string>& row) {
         table.columns.push_back({row[1], row[2], row[3] == "false", "BINARY"});
       });
  each("SELECT table_oid, constraint_type, array_to_string(constraint_column_names, chr(31)), "
       "referenced_table, array_to_string(referenced_column_names, chr(31)) "
       "FROM duckdb_constraints() ORDER BY table_oid, constraint_index",
       add_constraint);
  each("SELECT table_oid, index_name, is_unique, sql FROM duckdb_indexes() ORDER BY index_oid",
       [](sql::Table& table, const std::vector<std::string>& row) {
         table.indexes.push_back({row[1], row[2] == "true", {}, row[3], false});
       });
  for (const auto& row :
       database.rows("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal "
                     "AND schema_name = 'main' ORDER BY view_oid"))
    answer.schema.views.push_back({row[0], row[1]});
  answer.ok = true;
  return answer;
}

} // namespace quill::engine::duckdb
