#include "rewrite/pessimiser/table_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "quill/sql/parse.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

using Kind = ColumnSample::Kind;

constexpr std::int64_t kSampleRows = 300;
constexpr std::size_t kCategoryMax = 24; ///< distinct values of a sample

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char letter) { return letter >= '0' && letter <= '9'; });
}

/// "2024-03-15", with or without a time.
bool is_date(const std::string& text) {
  return text.size() >= 10 && is_digits(text.substr(0, 4)) && text[4] == '-' &&
         is_digits(text.substr(5, 2)) && text[7] == '-' && is_digits(text.substr(8, 2));
}

std::string shown(const engine::Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value))
    return fmt::format("{}", *real);
  return std::get<std::string>(value);
}

bool is_usable(const engine::Value& value) {
  return !std::holds_alternative<std::monostate>(value) &&
         !std::holds_alternative<engine::Blob>(value);
}

/// Kind by the values alone.
Kind kind_of(const std::set<engine::Value>& values, const ColumnSample& column) {
  const bool few = values.size() <= kCategoryMax;
  if (!column.is_text)
    return few ? Kind::category : Kind::number;
  if (std::all_of(column.values.begin(), column.values.end(), is_date))
    return Kind::date;
  return few ? Kind::category : Kind::text;
}

ColumnSample column_of(const sql::ColumnInfo& info, const std::vector<engine::Row>& rows,
                       std::size_t position) {
  ColumnSample column{.name = sql::quoted_name(info.name),
                      .not_null = info.not_null,
                      .is_text = sql::affinity(info.type) == sql::Affinity::text,
                      .values = {}};
  std::set<engine::Value> values;
  for (const engine::Row& row : rows)
    if (is_usable(row[position]))
      values.insert(row[position]);
  for (const engine::Value& value : values)
    column.values.push_back(shown(value));
  column.kind = kind_of(values, column);
  return column;
}

std::vector<engine::Row> rows_of(const sql::Table& table, engine::Session& session) {
  const std::int64_t step = std::max<std::int64_t>(table.rows.value_or(0) / kSampleRows, 1);
  const std::string query = fmt::format("SELECT * FROM {} WHERE rowid % {} = {} LIMIT {}",
                                        sql::quoted_name(table.name), step, step / 2, kSampleRows);
  return session.run(query, {}).rows;
}

/// Is it one whose rows can be named by an integer?
bool is_usable(const sql::Table& table) {
  return table.rowid_alias && table.primary_key.size() == 1 && table.rows.value_or(0) > 0;
}

bool begins_an_index(const sql::Table& table, const std::string& column) {
  return same_name(table.primary_key.front(), column) ||
         std::any_of(table.indexes.begin(), table.indexes.end(), [&](const sql::IndexInfo& index) {
           return !index.partial && !index.columns.empty() &&
                  same_name(index.columns.front(), column);
         });
}

TableSample table_of(const sql::Table& table, engine::Session& session) {
  TableSample sample{.name = sql::quoted_name(table.name),
                     .word = lower(table.name),
                     .rows = table.rows.value_or(0),
                     .columns = {},
                     .parents = {}};
  const auto rows = rows_of(table, session);
  for (std::size_t k = 0; k < table.columns.size(); ++k) {
    sample.columns.push_back(column_of(table.columns[k], rows, k));
    sample.columns.back().indexed = begins_an_index(table, table.columns[k].name);
    if (same_name(table.columns[k].name, table.primary_key.front())) {
      sample.key = k;
      sample.columns.back().kind = Kind::key;
    }
  }
  return sample;
}

void link_parents(TableSample& sample, const sql::Table& table,
                  const std::map<std::string, std::size_t>& places) {
  for (const sql::ForeignKey& foreign : table.foreign_keys) {
    const auto parent = places.find(lower(foreign.table));
    if (foreign.columns.size() != 1 || parent == places.end())
      continue;
    for (std::size_t k = 0; k < table.columns.size(); ++k)
      if (same_name(table.columns[k].name, foreign.columns.front())) {
        sample.columns[k].kind = Kind::reference;
        sample.parents.push_back({.column = k, .parent = parent->second});
      }
  }
}

} // namespace

std::vector<const ColumnSample*> TableSample::of(ColumnSample::Kind kind) const {
  std::vector<const ColumnSample*> found;
  for (const ColumnSample& column : columns)
    if (column.kind == kind)
      found.push_back(&column);
  return found;
}

std::vector<ChildLink> Samples::links() const {
  std::vector<ChildLink> found;
  for (const TableSample& table : tables)
    for (const ParentLink& link : table.parents)
      if (&tables[link.parent] != &table)
        found.push_back({&table, &table.columns[link.column], &tables[link.parent]});
  return found;
}

Samples sample_tables(engine::Session& session) {
  Samples samples;
  std::map<std::string, std::size_t> places;
  std::vector<const sql::Table*> usable;
  for (const sql::Table& table : session.schema().tables)
    if (is_usable(table)) {
      places.emplace(lower(table.name), usable.size());
      usable.push_back(&table);
    }
  for (const sql::Table* table : usable) {
    samples.tables.push_back(table_of(*table, session));
    link_parents(samples.tables.back(), *table, places);
  }
  return samples;
}

} // namespace quill::rewrite
