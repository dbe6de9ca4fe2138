// What is known of a database's tables: the ground every side condition stands on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/error.hpp"

namespace quill::sql {

struct ColumnInfo {
  std::string name;
  std::string type;      ///< declared, upper case, "" when none
  bool not_null = false; ///< declared NOT NULL, or INTEGER PRIMARY KEY (rowid alias)
  std::string collation = "BINARY";
};
struct ForeignKey {
  std::vector<std::string> columns;
  std::string table;
  std::vector<std::string> target_columns;
};
struct IndexInfo {
  std::string name;
  bool unique = false;
  std::vector<std::string> columns; ///< "" for an expression
  std::string sql;                  ///< CREATE INDEX text, "" for automatic ones
  bool partial = false;
};
struct Table {
  std::string name;
  std::vector<ColumnInfo> columns;
  std::vector<std::string> primary_key; ///< in key order
  bool rowid_alias = false;             ///< the primary key is INTEGER PRIMARY KEY
  bool without_rowid = false;
  std::vector<std::vector<std::string>>
      unique; ///< unique non-partial column sets, primary key included
  std::vector<ForeignKey> foreign_keys;
  std::vector<IndexInfo> indexes;
  std::optional<long long> rows; ///< when counted
  std::string sql;               ///< CREATE TABLE text

  [[nodiscard]] const ColumnInfo*
  column(std::string_view name) const; ///< case-insensitive; null when absent
  /// Do these columns hold a whole unique key (NOT NULL in every part of it)?
  [[nodiscard]] bool has_key(const std::vector<std::string>& names) const;
  /// The unique sets whose parts are all NOT NULL and BINARY: no two rows agree on one.
  [[nodiscard]] std::vector<std::vector<std::string>> keys() const;
  /// The foreign key of exactly these columns, in any order; null when there is none. SQLite
  /// enforces it only when asked to.
  [[nodiscard]] const ForeignKey* foreign_key(const std::vector<std::string>& names) const;
};
struct View {
  std::string name;
  std::string sql; ///< CREATE VIEW text
};
struct Schema {
  std::vector<Table> tables; ///< in creation order; views are not tables
  std::vector<View> views;   ///< in creation order
  [[nodiscard]] const Table*
  table(std::string_view name) const; ///< case-insensitive; null when absent
  /// All CREATE TABLE, CREATE INDEX and CREATE VIEW texts, one statement a line: the schema in
  /// prompts and examples.
  [[nodiscard]] std::string ddl() const;
};

/// Affinity of a declared type by SQLite's rules (https://www.sqlite.org/datatype3.html 3.1).
enum class Affinity { integer, text, blob, real, numeric };
[[nodiscard]] Affinity affinity(std::string_view declared_type);

} // namespace quill::sql
