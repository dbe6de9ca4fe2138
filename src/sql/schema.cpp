#include "quill/sql/schema.hpp"

#include <algorithm>

#include "quill/sql/text.hpp"
#include "sql/names.hpp"

namespace quill::sql {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view wanted) {
  return std::ranges::any_of(names, [&](const auto& name) { return same_name(name, wanted); });
}

/// On one line: comments and line breaks between tokens become a blank.
std::string one_line(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (!tokens)
    return std::string(sql);
  std::string result;
  std::size_t end = 0;
  for (const auto& token : tokens.value()) {
    if (!result.empty() && token.offset > end)
      result += ' ';
    result += token.text;
    end = token.offset + token.text.size();
  }
  return result;
}

void add_statement(std::string& ddl, std::string_view sql) {
  if (!sql.empty())
    ddl += one_line(sql) + ";\n";
}

} // namespace

const ColumnInfo* Table::column(std::string_view wanted) const {
  const auto found = std::ranges::find_if(
      columns, [&](const ColumnInfo& column) { return same_name(column.name, wanted); });
  return found == columns.end() ? nullptr : &*found;
}

// NULLs are distinct in a UNIQUE index, so a nullable part is no key.
bool Table::has_key(const std::vector<std::string>& names) const {
  const auto is_held = [&](const std::string& part) {
    const auto* declared = column(part);
    return declared && declared->not_null && holds(names, part);
  };
  return std::ranges::any_of(unique, [&](const std::vector<std::string>& key) {
    return !key.empty() && std::ranges::all_of(key, is_held);
  });
}

// 'a' and 'A' are two to a BINARY index and one to a NOCASE column.
std::vector<std::vector<std::string>> Table::keys() const {
  std::vector<std::vector<std::string>> result;
  const auto is_firm = [&](const std::string& part) {
    const auto* declared = column(part);
    return declared && declared->not_null && same_name(declared->collation, "BINARY");
  };
  for (const auto& key : unique)
    if (!key.empty() && std::ranges::all_of(key, is_firm))
      result.push_back(key);
  return result;
}

const ForeignKey* Table::foreign_key(const std::vector<std::string>& names) const {
  const auto found = std::ranges::find_if(foreign_keys, [&](const ForeignKey& key) {
    return key.columns.size() == names.size() &&
           std::ranges::all_of(key.columns, [&](const auto& part) { return holds(names, part); });
  });
  return found == foreign_keys.end() ? nullptr : &*found;
}

const Table* Schema::table(std::string_view name) const {
  const auto found =
      std::ranges::find_if(tables, [&](const Table& table) { return same_name(table.name, name); });
  return found == tables.end() ? nullptr : &*found;
}

std::string Schema::ddl() const {
  std::string result;
  for (const auto& table : tables) {
    add_statement(result, table.sql);
    for (const auto& index : table.indexes)
      add_statement(result, index.sql);
  }
  for (const auto& view : views)
    add_statement(result, view.sql);
  return result;
}

Affinity affinity(std::string_view declared_type) {
  const auto type = upper(declared_type);
  const auto has = [&](std::string_view part) { return type.find(part) != std::string::npos; };
  if (has("INT"))
    return Affinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT"))
    return Affinity::text;
  if (has("BLOB") || type.empty())
    return Affinity::blob;
  if (has("REAL") || has("FLOA") || has("DOUB"))
    return Affinity::real;
  return Affinity::numeric;
}

} // namespace quill::sql
