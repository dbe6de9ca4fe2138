#include "rewrite/pessimiser/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "quill/sql/parse.hpp"
#include "rewrite/names.hpp"

namespace quill::rewrite {

namespace {

using Kind = ColumnSample::Kind;

bool is_taken(const std::string& name, const std::vector<std::string>& taken) {
  return std::find(taken.begin(), taken.end(), name) != taken.end();
}

std::string bare(std::string name) {
  std::erase(name, '"');
  return lower(name);
}

} // namespace

std::string Measure::over(const std::string& alias) const {
  return argument == nullptr ? "count(*)" : fmt::format("{}({})", function, of(alias, *argument));
}

std::vector<Measure> draw_measures(const TableSample& table, std::size_t more, Rng& rng) {
  std::vector<Measure> measures{{"count", nullptr, "n"}};
  std::vector<const ColumnSample*> columns = table.of(Kind::number);
  for (const ColumnSample* date : table.of(Kind::date))
    columns.push_back(date);
  rng.shuffle(columns);
  columns.resize(std::min(columns.size(), more));
  for (const ColumnSample* column : columns) {
    const std::string function = column->is_text
                                     ? rng.pick<std::string>({"min", "max"})
                                     : rng.pick<std::string>({"sum", "avg", "min", "max"});
    measures.push_back({function, column, fmt::format("{}_{}", function, bare(column->name))});
  }
  return measures;
}

const TableSample* draw_table(const Samples& samples, Rng& rng) {
  std::vector<double> weights;
  for (const TableSample& table : samples.tables)
    weights.push_back(std::log(static_cast<double>(table.rows) + 1));
  return samples.tables.empty() ? nullptr : &samples.tables[rng.weighted(weights)];
}

const ColumnSample* pick(const std::vector<const ColumnSample*>& columns, Rng& rng) {
  return columns.empty() ? nullptr : rng.pick(columns);
}

std::vector<const ColumnSample*> draw_columns(const TableSample& table, std::size_t count,
                                              Rng& rng) {
  std::vector<const ColumnSample*> columns;
  for (const ColumnSample& column : table.columns)
    if (column.kind != Kind::key)
      columns.push_back(&column);
  rng.shuffle(columns);
  columns.resize(std::min(columns.size(), count));
  return columns;
}

std::string source(const TableSample& table, const std::string& alias) {
  return fmt::format("{} AS {}", table.name, alias);
}

std::string hurried_source(const TableSample& table, const std::string& alias, Temper& temper) {
  if (temper.gives_in(Habit::distinct_inside))
    return fmt::format("(SELECT DISTINCT * FROM {}) AS {}", table.name, alias);
  if (temper.gives_in(Habit::numbered_inside))
    return fmt::format("(SELECT *, row_number() OVER (ORDER BY {}) AS row_no FROM {}) AS {}",
                       table.columns[table.key].name, table.name, alias);
  return source(table, alias);
}

std::string alias_of(const TableSample& table, const std::vector<std::string>& taken) {
  const std::string base = table.word.substr(0, 1);
  std::string name = base;
  for (int number = 2; is_taken(name, taken); ++number)
    name = fmt::format("{}{}", base, number);
  return name;
}

std::string needless_join(const Samples& samples, const TableSample& table,
                          const std::string& alias, Temper& temper) {
  if (!temper.gives_in(Habit::needless_join))
    return "";
  Rng& rng = temper.rng();
  if (table.parents.empty() || rng.chance(0.4))
    return fmt::format(" LEFT JOIN {} AS same_{} ON same_{}.{} = {}", table.name, alias, alias,
                       table.columns[table.key].name, of(alias, table.columns[table.key]));
  const ParentLink& link = rng.pick(table.parents);
  const TableSample& parent = samples.tables[link.parent];
  return fmt::format(" LEFT JOIN {} AS extra ON extra.{} = {}", parent.name,
                     parent.columns[parent.key].name, of(alias, table.columns[link.column]));
}

std::string index_on(const TableSample& table, const std::vector<const ColumnSample*>& columns) {
  std::vector<std::string> names;
  std::string name = "idx_" + bare(table.word);
  for (const ColumnSample* column : columns) {
    names.push_back(column->name);
    name += "_" + bare(column->name);
  }
  return fmt::format("CREATE INDEX {} ON {} ({})", sql::quoted_name(name), table.name,
                     fmt::join(names, ", "));
}

} // namespace quill::rewrite
