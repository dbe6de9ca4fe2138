#include "engine/worker/insertion.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "quill/sql/parse.hpp"

namespace quill::engine {
namespace {

/// PostgreSQL counts parameters in 16 bits.
constexpr std::size_t kParametersMax = 60'000;

RowList in_order(const std::vector<Row>& rows, bool reversed) {
  RowList list;
  for (const auto& row : rows)
    list.push_back(&row);
  if (reversed)
    std::reverse(list.begin(), list.end());
  return list;
}

std::vector<std::uint8_t> kept_of(const TableRows& table, bool reversed, const Insert& insert) {
  const auto rows = in_order(table.rows, reversed);
  if (rows.empty())
    return {};
  if (rows.size() * table.columns.size() <= kParametersMax && insert(table, rows))
    return std::vector<std::uint8_t>(rows.size(), 1);
  std::vector<std::uint8_t> kept;
  for (const auto* row : rows)
    kept.push_back(insert(table, {row}) ? 1 : 0);
  if (reversed)
    std::reverse(kept.begin(), kept.end());
  return kept;
}

} // namespace

std::string insertion(const TableRows& table, std::size_t rows, sql::Dialect dialect) {
  auto text = fmt::format("INSERT INTO {} (", sql::quoted_name(table.table, dialect));
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    text += (c == 0 ? "" : ", ") + sql::quoted_name(table.columns[c], dialect);
  text += ") VALUES ";
  std::size_t number = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    text += r == 0 ? "(" : ", (";
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      text += fmt::format("{}${}", c == 0 ? "" : ", ", ++number);
    text += ")";
  }
  return text;
}

Loaded load_tables(const std::vector<TableRows>& tables, bool reversed, const Empty& empty,
                   const Insert& insert) {
  Loaded loaded;
  for (const auto& table : tables) {
    loaded.message = empty(table);
    if (!loaded.message.empty())
      return loaded;
    loaded.kept.push_back(kept_of(table, reversed, insert));
  }
  loaded.ok = true;
  return loaded;
}

} // namespace quill::engine
