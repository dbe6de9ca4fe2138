#include "engine/postgres/schema.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/core.h>

#include "engine/worker/joined_names.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine::postgres {
namespace {

constexpr std::int64_t kSchemaMs = 600'000;
constexpr double kCountedRows = 1e6; ///< above it the server's own estimate is told
std::optional<long long> rows_of(const Connection& connection, const std::string& name,
                                 const std::string& estimate) {
  const double estimated = std::strtod(estimate.c_str(), nullptr);
  if (estimated > kCountedRows)
    return static_cast<long long>(estimated);
  const auto rows = connection.rows(
      fmt::format("SELECT count(*) FROM {}", sql::quoted_name(name, sql::Dialect::postgres)));
  long long count = 0;
  if (rows.empty())
    return std::nullopt;
  std::from_chars(rows[0][0].data(), rows[0][0].data() + rows[0][0].size(), count);
  return count;
}

void add_constraint(sql::Table& table, const std::vector<std::string>& row) {
  const auto columns = names_in(row[2]);
  if (row[1] == "p")
    table.primary_key = columns;
  if (row[1] == "p" || row[1] == "u")
    table.unique.push_back(columns);
  if (row[1] == "f")
    table.foreign_keys.push_back({columns, row[3], names_in(row[4])});
}

std::string ddl(const sql::Table& table, const std::vector<std::string>& constraints) {
  std::string text =
      fmt::format("CREATE TABLE {} (", sql::quoted_name(table.name, sql::Dialect::postgres));
  const char* comma = "";
  for (const auto& column : table.columns) {
    text += fmt::format("{}{} {}{}", comma, sql::quoted_name(column.name, sql::Dialect::postgres),
                        column.type, column.not_null ? " NOT NULL" : "");
    comma = ", ";
  }
  for (const auto& constraint : constraints)
    text += ", " + constraint;
  return text + ")";
}

/// Columns of a key, in its order, joined.
constexpr const char* kKeyColumns =
    "(SELECT string_agg(a.attname, chr(31) ORDER BY k.n) FROM unnest({}) WITH ORDINALITY k(id, n) "
    "JOIN pg_attribute a ON a.attrelid = {} AND a.attnum = k.id)";

} // namespace

SchemaAnswer read_schema(const Connection& connection) {
  SchemaAnswer answer;
  const ReadOnly transaction(connection, kSchemaMs);
  std::map<std::string, std::size_t> by_id;
  const std::string visible =
      "c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND c.relnamespace NOT IN "
      "('pg_catalog'::regnamespace, 'information_schema'::regnamespace)";
  for (const auto& row :
       connection.rows("SELECT c.oid, c.relname, c.reltuples FROM pg_class c WHERE " + visible +
                       " ORDER BY c.oid")) {
    auto& table = answer.schema.tables.emplace_back();
    table.name = row[1];
    table.rows = rows_of(connection, row[1], row[2]);
    by_id[row[0]] = answer.schema.tables.size() - 1;
  }
  std::vector<std::vector<std::string>> constraints(answer.schema.tables.size());
  const auto each = [&](const std::string& sql, const auto& add) {
    for (const auto& row : connection.rows(sql))
      if (const auto found = by_id.find(row[0]); found != by_id.end())
        add(found->second, row);
  };
  auto& tables = answer.schema.tables;
  each("SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull "
       "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE " +
           visible + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum",
       [&](std::size_t at, const std::vector<std::string>& row) {
         tables[at].columns.push_back({row[1], row[2], row[3] == "t", "BINARY"});
       });
  each(fmt::format("SELECT c.oid, o.contype, {}, coalesce(f.relname, ''), coalesce({}, ''), "
                   "pg_get_constraintdef(o.oid) "
                   "FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid "
                   "LEFT JOIN pg_class f ON f.oid = o.confrelid "
                   "WHERE {} AND o.contype IN ('p', 'u', 'f', 'c') ORDER BY c.oid, o.oid",
                   fmt::format(fmt::runtime(kKeyColumns), "o.conkey", "o.conrelid"),
                   fmt::format(fmt::runtime(kKeyColumns), "o.confkey", "o.confrelid"), visible),
       [&](std::size_t at, const std::vector<std::string>& row) {
         add_constraint(tables[at], row);
         constraints[at].push_back(row[5]);
       });
  // An index that a key brings along comes with its table; the others by names that a search path
  // finds, since a scratch has its tables elsewhere.
  each(fmt::format("SELECT c.oid, i.relname, x.indisunique, {}, "
                   "CASE WHEN EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = i.oid AND "
                   "o.contype IN ('p', 'u', 'x')) THEN '' ELSE pg_get_indexdef(i.oid, 0, true) "
                   "END, x.indpred IS NOT NULL, x.indexprs IS NOT NULL "
                   "FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid "
                   "JOIN pg_class i ON i.oid = x.indexrelid WHERE {} ORDER BY i.oid",
                   fmt::format(fmt::runtime(kKeyColumns), "x.indkey::int2[]", "x.indrelid"),
                   visible),
       [&](std::size_t at, const std::vector<std::string>& row) {
         auto columns = names_in(row[3]);
         if (row[6] == "t")
           columns.emplace_back(); // an expression
         tables[at].indexes.push_back({row[1], row[2] == "t", columns, row[4], row[5] == "t"});
       });
  for (std::size_t i = 0; i < tables.size(); ++i)
    tables[i].sql = ddl(tables[i], constraints[i]);
  for (const auto& row : connection.rows(
           "SELECT c.relname, pg_get_viewdef(c.oid) FROM pg_class c WHERE c.relkind = 'v' "
           "AND pg_table_is_visible(c.oid) AND c.relnamespace NOT IN "
           "('pg_catalog'::regnamespace, 'information_schema'::regnamespace) "
           "ORDER BY c.oid"))
    answer.schema.views.push_back(
        {row[0], fmt::format("CREATE VIEW {} AS {}",
                             sql::quoted_name(row[0], sql::Dialect::postgres), row[1])});
  answer.ok = true;
  return answer;
}

} // namespace quill::engine::postgres
