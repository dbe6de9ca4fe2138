#include "engine/worker/catalog.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>

#include <fmt/core.h>

namespace quill::engine {
namespace {

/// Reads cells of the current row by number.
class Cells {
 public:
  explicit Cells(sqlite3_stmt* row) : row_(row) {}
  [[nodiscard]] std::string text(int column) const {
    const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(row_, column));
    return text ? text : "";
  }
  [[nodiscard]] std::int64_t integer(int column) const {
    return ::sqlite3_column_int64(row_, column);
  }
  [[nodiscard]] bool is_null(int column) const {
    return ::sqlite3_column_type(row_, column) == SQLITE_NULL;
  }

 private:
  sqlite3_stmt* row_;
};

/// "" or the engine's message. `name` is bound to ?1.
std::string query(Connection& connection, const std::string& sql, const std::string& name,
                  const std::function<void(const Cells&)>& row) {
  sqlite3_stmt* raw = nullptr;
  if (::sqlite3_prepare_v2(connection.handle(), sql.c_str(), -1, &raw, nullptr) != SQLITE_OK)
    return ::sqlite3_errmsg(connection.handle());
  const StatementHandle statement(raw);
  ::sqlite3_bind_text(raw, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  int code = SQLITE_ROW;
  while ((code = ::sqlite3_step(raw)) == SQLITE_ROW)
    row(Cells(raw));
  return code == SQLITE_DONE ? "" : ::sqlite3_errmsg(connection.handle());
}

std::string upper(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string in_quotes(const std::string& name) {
  std::string text = "\"";
  for (const char c : name)
    text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

std::string collation_of(Connection& connection, const std::string& table,
                         const std::string& column) {
  const char* collation = nullptr;
  const int code =
      ::sqlite3_table_column_metadata(connection.handle(), "main", table.c_str(), column.c_str(),
                                      nullptr, &collation, nullptr, nullptr, nullptr);
  return code == SQLITE_OK && collation ? upper(collation) : "BINARY";
}

void read_columns(Connection& connection, sql::Table& table) {
  std::map<std::int64_t, std::string> key; // by position in the key, from 1
  const auto add = [&](const Cells& cells) {
    constexpr int kHiddenColumn = 1; // of a virtual table; generated columns are 2 and 3
    if (cells.integer(6) == kHiddenColumn)
      return;
    auto& column = table.columns.emplace_back();
    column.name = cells.text(1);
    column.type = upper(cells.text(2));
    column.not_null = cells.integer(3) != 0;
    if (const auto position = cells.integer(5); position > 0)
      key[position] = column.name;
    column.collation = collation_of(connection, table.name, column.name);
  };
  query(connection, fmt::format("PRAGMA main.table_xinfo({})", in_quotes(table.name)), "", add);
  for (const auto& [position, name] : key)
    table.primary_key.push_back(name);
}

/// PRAGMA table_list knows WITHOUT ROWID; an INTEGER PRIMARY KEY without an index of its own is the
/// rowid itself.
void read_kind(Connection& connection, sql::Table& table) {
  query(connection, fmt::format("PRAGMA main.table_list({})", in_quotes(table.name)), "",
        [&](const Cells& cells) { table.without_rowid = cells.integer(4) != 0; });
}

void mark_not_null(sql::Table& table, const std::string& name) {
  for (auto& column : table.columns)
    if (column.name == name)
      column.not_null = true;
}

void read_index_columns(Connection& connection, sql::IndexInfo& index) {
  const auto add = [&](const Cells& cells) {
    constexpr int kKeyColumn = 5; // 0 for the rowid or key columns SQLite appends
    if (cells.integer(kKeyColumn) != 0)
      index.columns.push_back(cells.is_null(2) ? "" : cells.text(2));
  };
  query(connection, fmt::format("PRAGMA main.index_xinfo({})", in_quotes(index.name)), "", add);
}

void read_index_sql(Connection& connection, sql::IndexInfo& index) {
  query(connection, "SELECT sql FROM main.sqlite_schema WHERE type='index' AND name=?1", index.name,
        [&](const Cells& cells) { index.sql = cells.text(0); });
}

/// True when the table's key has an index of its own: it is then not the rowid.
bool read_indexes(Connection& connection, sql::Table& table) {
  bool key_has_index = false;
  query(connection, fmt::format("PRAGMA main.index_list({})", in_quotes(table.name)), "",
        [&](const Cells& cells) {
          auto& index = table.indexes.emplace_back();
          index.name = cells.text(1);
          index.unique = cells.integer(2) != 0;
          index.partial = cells.integer(4) != 0;
          key_has_index = key_has_index || cells.text(3) == "pk";
        });
  std::reverse(table.indexes.begin(), table.indexes.end()); // the pragma lists the newest first
  for (auto& index : table.indexes) {
    read_index_columns(connection, index);
    read_index_sql(connection, index);
    const auto& names = index.columns;
    const bool expression = std::find(names.begin(), names.end(), "") != names.end();
    if (index.unique && !index.partial && !expression &&
        std::find(table.unique.begin(), table.unique.end(), names) == table.unique.end())
      table.unique.push_back(names);
  }
  return key_has_index;
}

void read_keys(Connection& connection, sql::Table& table) {
  const bool key_has_index = read_indexes(connection, table);
  table.rowid_alias = table.primary_key.size() == 1 && !table.without_rowid && !key_has_index;
  if (table.rowid_alias || table.without_rowid)
    for (const auto& name : table.primary_key)
      mark_not_null(table, name);
  const auto& sets = table.unique;
  if (!table.primary_key.empty() &&
      std::find(sets.begin(), sets.end(), table.primary_key) == sets.end())
    table.unique.insert(table.unique.begin(), table.primary_key);
}

void read_foreign_keys(Connection& connection, sql::Table& table) {
  std::map<std::int64_t, sql::ForeignKey> keys; // by id
  const auto add = [&](const Cells& cells) {
    auto& key = keys[cells.integer(0)];
    key.table = cells.text(2);
    key.columns.push_back(cells.text(3));
    if (!cells.is_null(4))
      key.target_columns.push_back(cells.text(4));
  };
  query(connection, fmt::format("PRAGMA main.foreign_key_list({})", in_quotes(table.name)), "",
        add);
  for (auto it = keys.rbegin(); it != keys.rend(); ++it) // the pragma counts from the last declared
    table.foreign_keys.push_back(std::move(it->second));
}

const sql::Table* find_table(const sql::Schema& schema, const std::string& name) {
  for (const auto& table : schema.tables)
    if (::sqlite3_stricmp(table.name.c_str(), name.c_str()) == 0)
      return &table;
  return nullptr;
}

/// REFERENCES t without columns means the primary key of t.
void fill_target_columns(sql::Schema& schema) {
  for (auto& table : schema.tables)
    for (auto& key : table.foreign_keys)
      if (const auto* target = find_table(schema, key.table); target && key.target_columns.empty())
        key.target_columns = target->primary_key;
}

void count_rows(Connection& connection, sql::Table& table, bool exact) {
  const auto counted = fmt::format("SELECT count(*) FROM main.{}", in_quotes(table.name));
  const auto guessed = fmt::format("SELECT max(rowid) FROM main.{}", in_quotes(table.name));
  if (!exact && table.without_rowid)
    return;
  query(connection, exact ? counted : guessed, "",
        [&](const Cells& cells) { table.rows = cells.integer(0); });
}

} // namespace

SchemaAnswer read_schema(Connection& connection, std::size_t image_bytes) {
  SchemaAnswer answer;
  answer.message =
      query(connection,
            "SELECT name, sql FROM main.sqlite_schema WHERE type='table' AND rootpage<>0 "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
            "", [&](const Cells& cells) {
              auto& table = answer.schema.tables.emplace_back();
              table.name = cells.text(0);
              table.sql = cells.text(1);
            });
  query(connection, "SELECT name, sql FROM main.sqlite_schema WHERE type='view' ORDER BY rowid", "",
        [&](const Cells& cells) { answer.schema.views.push_back({cells.text(0), cells.text(1)}); });
  for (auto& table : answer.schema.tables) {
    read_columns(connection, table);
    read_kind(connection, table);
    read_keys(connection, table);
    read_foreign_keys(connection, table);
    count_rows(connection, table, image_bytes <= kCountedImageBytes);
  }
  fill_target_columns(answer.schema);
  answer.ok = answer.message.empty();
  return answer;
}

} // namespace quill::engine
