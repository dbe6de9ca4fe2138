#include "engine/duckdb/scratch.hpp"

#include <fmt/core.h>

#include "engine/worker/insertion.hpp"
#include "quill/sql/parse.hpp"

namespace quill::engine::duckdb {
namespace {

/// The end of the parentheses that open at `open`.
std::size_t end_of_list(const std::string& text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
    if (depth == 0)
      return at + 1;
  }
  return text.size();
}

/// DuckDB writes them all as ", FOREIGN KEY (a) REFERENCES t(b)" in its own text of a table.
std::string without_foreign_keys(std::string create) {
  constexpr std::string_view kStart = ", FOREIGN KEY (";
  for (auto at = create.find(kStart); at != std::string::npos; at = create.find(kStart)) {
    const auto columns = end_of_list(create, at + kStart.size() - 1);
    const auto targets = create.find('(', columns);
    if (targets == std::string::npos)
      break;
    create.erase(at, end_of_list(create, targets) - at);
  }
  return create;
}

/// Binds without a copy: the row outlives the run.
struct Binder {
  duckdb_prepared_statement statement;
  idx_t at;
  void operator()(std::monostate) const { ::duckdb_bind_null(statement, at); }
  void operator()(std::int64_t value) const { ::duckdb_bind_int64(statement, at, value); }
  void operator()(double value) const { ::duckdb_bind_double(statement, at, value); }
  void operator()(const std::string& value) const {
    ::duckdb_bind_varchar_length(statement, at, value.data(), value.size());
  }
  void operator()(const Blob& value) const {
    ::duckdb_bind_blob(statement, at, value.bytes.data(), value.bytes.size());
  }
};

bool inserted(const Database& database, const TableRows& table, const Row& row) {
  PreparedHandle prepared;
  const auto sql = insertion(table, 1, sql::Dialect::duckdb);
  if (::duckdb_prepare(database.connection(), sql.c_str(), prepared.out()) != DuckDBSuccess)
    return false;
  idx_t at = 0;
  for (const auto& cell : row)
    std::visit(Binder{prepared.get(), ++at}, cell);
  Answered answered;
  return ::duckdb_execute_prepared(prepared.get(), answered.get()) == DuckDBSuccess;
}

void close_appender(duckdb_appender* appender) {
  (void)::duckdb_appender_destroy(appender);
}
using AppenderHandle = Owned<duckdb_appender, close_appender>;

struct Appender {
  duckdb_appender rows;
  duckdb_state operator()(std::monostate) const { return ::duckdb_append_null(rows); }
  duckdb_state operator()(std::int64_t value) const { return ::duckdb_append_int64(rows, value); }
  duckdb_state operator()(double value) const { return ::duckdb_append_double(rows, value); }
  duckdb_state operator()(const std::string& value) const {
    return ::duckdb_append_varchar_length(rows, value.data(), value.size());
  }
  duckdb_state operator()(const Blob& value) const {
    return ::duckdb_append_blob(rows, value.bytes.data(), value.bytes.size());
  }
};

bool append(duckdb_appender to, const Row& row) {
  for (const auto& cell : row)
    if (std::visit(Appender{to}, cell) != DuckDBSuccess)
      return false;
  return ::duckdb_appender_end_row(to) == DuckDBSuccess;
}

/// All rows at once, nothing parsed or planned; false when one of them does not fit. Then some of
/// the others may be in.
bool appended(const Database& database, const TableRows& table, const RowList& rows) {
  AppenderHandle appender;
  if (::duckdb_appender_create(database.connection(), nullptr, table.table.c_str(),
                               appender.out()) != DuckDBSuccess)
    return false;
  for (const auto& column : table.columns)
    if (::duckdb_appender_add_column(appender.get(), column.c_str()) != DuckDBSuccess)
      return false;
  for (const auto* row : rows)
    if (!append(appender.get(), *row))
      return false;
  return ::duckdb_appender_close(appender.get()) == DuckDBSuccess;
}

} // namespace

std::string copy_schema(const sql::Schema& schema, const Database& scratch) {
  for (const auto& table : schema.tables) {
    if (auto wrong = scratch.execute(without_foreign_keys(table.sql)); !wrong.empty())
      return wrong;
    for (const auto& index : table.indexes)
      if (auto wrong = index.sql.empty() ? "" : scratch.execute(index.sql); !wrong.empty())
        return wrong;
  }
  for (const auto& view : schema.views)
    if (auto wrong = scratch.execute(view.sql); !wrong.empty())
      return wrong;
  return "";
}

Loaded load_rows(const Database& database, const std::vector<TableRows>& tables, bool reversed) {
  const auto empty = [&](const TableRows& table) {
    return database.execute(
        fmt::format("DELETE FROM {}", sql::quoted_name(table.table, sql::Dialect::duckdb)));
  };
  return load_tables(tables, reversed, empty, [&](const TableRows& table, const RowList& rows) {
    if (rows.size() == 1)
      return inserted(database, table, *rows.front());
    const bool all = appended(database, table, rows);
    if (!all)
      (void)empty(table); // what came before the row that does not fit
    return all;
  });
}

} // namespace quill::engine::duckdb
