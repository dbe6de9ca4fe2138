#include "eval/column_sets.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "eval/words.hpp"
#include "quill/core/error.hpp"
#include "quill/core/files.hpp"

namespace quill::eval {

namespace {

using Key = std::pair<std::size_t, std::size_t>; ///< numbers of two columns

ColumnSets sets_of(const std::vector<std::string>& columns, const std::vector<Key>& keys) {
  std::vector<std::set<std::size_t>> sets;
  for (const auto& [from, to] : keys) {
    auto found = std::find_if(sets.begin(), sets.end(), [&, a = from, b = to](const auto& one) {
      return one.contains(a) || one.contains(b);
    });
    if (found == sets.end())
      found = sets.emplace(sets.end());
    found->insert({from, to});
  }
  ColumnSets first;
  for (const auto& set : sets)
    for (const std::size_t column : set)
      first[columns[column]] = columns[*set.begin()];
  return first;
}

std::string identifier(const std::string& table, const std::string& column) {
  return fmt::format("__{}.{}__", lower(table), lower(column));
}

[[noreturn]] void refuse(std::string what, const std::string& where) {
  throw Error{Exit::usage,
              {.what = std::move(what), .where = where, .fix = "give Spider's own tables.json"}};
}

const Json& list(const JsonObject& entry, const char* key) {
  const Json& value = entry.at(key);
  if (!value.is_array())
    refuse(fmt::format("\"{}\" is not a list", key), entry.where());
  return value;
}

/// [-1, "*"] or [number of the table, name].
std::string column_identifier(const Json& column, const Json& tables, const std::string& where) {
  if (!column.is_array() || column.size() != 2 || !column[0].is_number_integer() ||
      !column[1].is_string())
    refuse(fmt::format("{} is no [table, name]", dump_json(column)), where);
  const auto table = column[0].get<std::int64_t>();
  if (table < 0)
    return "__all__";
  if (table >= static_cast<std::int64_t>(tables.size()) ||
      !tables[static_cast<std::size_t>(table)].is_string())
    refuse(fmt::format("{} names no table", dump_json(column)), where);
  return identifier(tables[static_cast<std::size_t>(table)].get<std::string>(),
                    column[1].get<std::string>());
}

Key key_of(const Json& key, std::size_t columns, const std::string& where) {
  const auto number = [&](const Json& value) {
    return value.is_number_unsigned() && value.get<std::size_t>() < columns;
  };
  if (!key.is_array() || key.size() != 2 || !number(key[0]) || !number(key[1]))
    refuse(fmt::format("{} is no pair of columns", dump_json(key)), where);
  return {key[0].get<std::size_t>(), key[1].get<std::size_t>()};
}

ColumnSets sets_of_entry(const JsonObject& entry) {
  const Json& tables = list(entry, "table_names_original");
  std::vector<std::string> columns;
  for (const Json& column : list(entry, "column_names_original"))
    columns.push_back(column_identifier(column, tables, entry.where()));
  std::vector<Key> keys;
  for (const Json& key : list(entry, "foreign_keys"))
    keys.push_back(key_of(key, columns.size(), entry.where()));
  return sets_of(columns, keys);
}

} // namespace

ColumnSets column_sets(const sql::Schema& schema) {
  std::vector<std::string> columns;
  std::map<std::string, std::size_t> numbers;
  for (const sql::Table& table : schema.tables)
    for (const sql::ColumnInfo& column : table.columns) {
      columns.push_back(identifier(table.name, column.name));
      numbers.try_emplace(columns.back(), columns.size() - 1);
    }
  std::vector<Key> keys;
  for (const sql::Table& table : schema.tables)
    for (const sql::ForeignKey& key : table.foreign_keys)
      for (std::size_t i = 0; i < std::min(key.columns.size(), key.target_columns.size()); ++i) {
        const auto from = numbers.find(identifier(table.name, key.columns[i]));
        const auto to = numbers.find(identifier(key.table, key.target_columns[i]));
        if (from != numbers.end() && to != numbers.end())
          keys.emplace_back(from->second, to->second);
      }
  return sets_of(columns, keys);
}

std::map<std::string, ColumnSets> read_column_sets(const std::filesystem::path& tables_json) {
  const Json document = parse_json(read_file(tables_json), tables_json.string());
  if (!document.is_array())
    refuse("it is not a list of databases", tables_json.string());
  std::map<std::string, ColumnSets> sets;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const JsonObject entry(document[i], fmt::format("{}: element {}", tables_json.string(), i));
    sets[entry.text("db_id")] = sets_of_entry(entry);
  }
  return sets;
}

} // namespace quill::eval
