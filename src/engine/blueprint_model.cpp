#include "engine/blueprint_model.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include "quill/core/error.hpp"
#include "quill/sql/name.hpp"

namespace quill::engine::seed {

namespace {

using sql::same_name;

std::string_view type_name(ColumnType type) {
  switch (type) {
  case ColumnType::integer:
    return "INTEGER";
  case ColumnType::real:
    return "REAL";
  default:
    return "TEXT";
  }
}

std::string_view key_of(const Table& table) {
  for (const Column& column : table.columns)
    if (column.primary_key)
      return column.name;
  throw Bug("a parent table without a primary key");
}

} // namespace

std::vector<std::size_t> sources_of(const Column& column) {
  std::vector<std::size_t> sources;
  if (column.null_when)
    sources.push_back(column.null_when->column);
  const auto add_case = [&](const Cases& cases) {
    if (cases.by)
      sources.push_back(*cases.by);
  };
  if (const auto* number = std::get_if<Number>(&column.values))
    add_case(number->cases);
  else if (const auto* category = std::get_if<Category>(&column.values))
    add_case(category->cases);
  else if (const auto* later = std::get_if<Later>(&column.values))
    sources.push_back(later->than);
  else if (const auto* linear = std::get_if<Linear>(&column.values))
    sources.push_back(linear->of);
  else if (const auto* lookup = std::get_if<Lookup>(&column.values))
    sources.push_back(lookup->through);
  else if (const auto* product = std::get_if<Product>(&column.values))
    sources.insert(sources.end(), product->of.begin(), product->of.end());
  else if (const auto* text = std::get_if<Text>(&column.values))
    for (const std::size_t source : text->text.columns())
      sources.push_back(source);
  return sources;
}

std::optional<std::size_t> find_column(const Table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    if (same_name(table.columns[i].name, name))
      return i;
  return std::nullopt;
}

std::optional<std::size_t> find_table(const std::vector<Table>& tables, std::string_view name) {
  for (std::size_t i = 0; i < tables.size(); ++i)
    if (same_name(tables[i].name, name))
      return i;
  return std::nullopt;
}

std::vector<std::int64_t> resolved_sizes(const std::vector<Table>& tables,
                                         const std::string& where) {
  std::vector<std::int64_t> sizes;
  for (const Table& table : tables) {
    const double rows = table.rows
                            ? static_cast<double>(*table.rows)
                            : std::floor(static_cast<double>(sizes[table.per]) * table.ratio + 0.5);
    if (rows > static_cast<double>(kRowsMax))
      throw Error{Exit::usage,
                  {.what = fmt::format("table {} would have {:.0f} rows, at most {} are made",
                                       table.name, rows, kRowsMax),
                   .where = where,
                   .fix = "choose smaller sizes"}};
    sizes.push_back(static_cast<std::int64_t>(rows));
  }
  return sizes;
}

std::string create_table(const std::vector<Table>& tables, std::size_t table) {
  std::vector<std::string> lines;
  for (const Column& column : tables[table].columns) {
    std::string line = fmt::format("  {} {}", column.name, type_name(column.type));
    if (column.primary_key)
      line += " PRIMARY KEY";
    if (column.not_null)
      line += " NOT NULL";
    if (column.unique)
      line += " UNIQUE";
    if (column.parent)
      line += fmt::format(" REFERENCES {}({})", tables[*column.parent].name,
                          key_of(tables[*column.parent]));
    lines.push_back(std::move(line));
  }
  return fmt::format("CREATE TABLE {} (\n{}\n);\n", tables[table].name, fmt::join(lines, ",\n"));
}

std::string create_index(const Table& table, const Index& index) {
  return fmt::format("CREATE INDEX {} ON {}({});\n", index.name, table.name,
                     fmt::join(index.columns, ", "));
}

} // namespace quill::engine::seed
