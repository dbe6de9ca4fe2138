// Numbers for groups: SELECT status, count(*) AS n FROM orders GROUP BY status ORDER BY status
#include <fmt/format.h>

#include <algorithm>

#include "rewrite/pessimiser/shapes.hpp"

namespace quill::rewrite {

namespace {

using Kind = ColumnSample::Kind;

struct Grouping {
  const TableSample* table = nullptr;
  std::string alias;
  std::vector<const ColumnSample*> keys;
  std::vector<Measure> measures;
  Conditions conditions;
};

std::optional<Grouping> draw_grouping(const Samples& samples, Rng& rng) {
  Grouping grouping;
  grouping.table = draw_table(samples, rng);
  if (grouping.table == nullptr)
    return std::nullopt;
  grouping.keys = grouping.table->of(Kind::category);
  if (grouping.keys.empty() || rng.chance(0.25))
    for (const ColumnSample* reference : grouping.table->of(Kind::reference))
      grouping.keys.push_back(reference);
  if (grouping.keys.empty())
    return std::nullopt;
  rng.shuffle(grouping.keys);
  grouping.keys.resize(std::min<std::size_t>(grouping.keys.size(), 1 + rng.below(2)));
  grouping.alias = alias_of(*grouping.table);
  grouping.measures = draw_measures(*grouping.table, 1 + rng.below(2), rng);
  grouping.conditions = draw_conditions(*grouping.table, rng.below(3), rng);
  return grouping;
}

std::string key_list(const Grouping& grouping, const std::string& alias) {
  std::vector<std::string> names;
  for (const ColumnSample* key : grouping.keys)
    names.push_back(of(alias, *key));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string measure_list(const std::vector<Measure>& measures, const std::string& alias) {
  std::string text;
  for (const Measure& measure : measures)
    text += fmt::format(", {} AS \"{}\"", measure.over(alias), measure.name);
  return text;
}

std::string grouped(const Grouping& grouping, const std::string& from,
                    const std::string& condition) {
  const std::string keys = key_list(grouping, grouping.alias);
  return fmt::format("SELECT {}{} FROM {}{} GROUP BY {} ORDER BY {}", keys,
                     measure_list(grouping.measures, grouping.alias), from, where({condition}),
                     keys, keys);
}

/// The numbers of one group, asked for again in each row of `alias`.
std::string numbers_of_each(const Grouping& grouping, const std::string& alias, Temper& temper) {
  const std::string inner = grouping.alias + "2";
  std::vector<std::string> parts;
  for (const ColumnSample* key : grouping.keys)
    parts.push_back(
        fmt::format("{} {} {}", of(inner, *key), key->not_null ? "=" : "IS", of(alias, *key)));
  parts.push_back(hurried(grouping.conditions, inner, temper));
  std::string text;
  for (const Measure& measure : grouping.measures)
    text += fmt::format(", (SELECT {} FROM {}{}) AS \"{}\"", measure.over(inner),
                        source(*grouping.table, inner), where(parts), measure.name);
  return text;
}

/// One pass over the table for each number of each group.
std::string scanned_each(const Grouping& grouping, Temper& temper) {
  const std::string keys = key_list(grouping, grouping.alias);
  return fmt::format("SELECT {}{} FROM (SELECT DISTINCT {} FROM {}{}) AS {} ORDER BY {}", keys,
                     numbers_of_each(grouping, grouping.alias, temper), keys,
                     source(*grouping.table, grouping.alias),
                     where({hurried(grouping.conditions, grouping.alias, temper)}), grouping.alias,
                     keys);
}

std::string hurried(const Samples& samples, const Grouping& grouping, Temper& temper) {
  if (temper.gives_in(Habit::scan_each))
    return scanned_each(grouping, temper);
  const std::string extra = needless_join(samples, *grouping.table, grouping.alias, temper);
  return grouped(grouping, hurried_source(*grouping.table, grouping.alias, temper) + extra,
                 hurried(grouping.conditions, grouping.alias, temper));
}

// ---- several numbers in one row -----------------------------------------------------------------

/// A number with a condition of its own.
struct Figure {
  Condition condition;
  const ColumnSample* sum; ///< null: rows are counted
  std::string name;
};

std::vector<Figure> draw_figures(const TableSample& table, Rng& rng) {
  std::vector<Figure> figures;
  const auto categories = table.of(Kind::category);
  const ColumnSample* column = pick(categories, rng);
  if (column == nullptr || column->values.size() < 2)
    return figures;
  std::vector<std::string> values = column->values;
  rng.shuffle(values);
  values.resize(std::min<std::size_t>(values.size(), 2 + rng.below(5)));
  for (const std::string& value : values) {
    const ColumnSample* sum = rng.chance(0.4) ? pick(table.of(Kind::number), rng) : nullptr;
    figures.push_back({{Condition::Kind::equals, column, {value}},
                       sum != nullptr && !sum->is_text ? sum : nullptr,
                       fmt::format("{}_{}", sum != nullptr ? "sum" : "n", figures.size() + 1)});
  }
  return figures;
}

std::string in_one_pass(const Figure& figure, const std::string& alias) {
  const std::string condition = spelled({figure.condition}, alias);
  if (figure.sum == nullptr)
    return fmt::format("count(CASE WHEN {} THEN 1 END) AS {}", condition, figure.name);
  return fmt::format("sum(CASE WHEN {} THEN {} END) AS {}", condition, of(alias, *figure.sum),
                     figure.name);
}

std::string in_a_pass(const Figure& figure, const TableSample& table, const std::string& alias,
                      const Conditions& conditions, Temper& temper) {
  const std::string number =
      figure.sum == nullptr ? "count(*)" : fmt::format("sum({})", of(alias, *figure.sum));
  return fmt::format(
      "(SELECT {} FROM {}{}) AS {}", number, hurried_source(table, alias, temper),
      where({hurried({figure.condition}, alias, temper), hurried(conditions, alias, temper)}),
      figure.name);
}

} // namespace

std::optional<Draft> grouping(const Samples& samples, Temper& temper) {
  const auto grouping = draw_grouping(samples, temper.rng());
  if (!grouping)
    return std::nullopt;
  return Draft{.before = hurried(samples, *grouping, temper),
               .after = grouped(*grouping, source(*grouping->table, grouping->alias),
                                spelled(grouping->conditions, grouping->alias)),
               .indexes = {},
               .needs = {}};
}

std::optional<Draft> summary(const Samples& samples, Temper& temper) {
  const TableSample* table = draw_table(samples, temper.rng());
  if (table == nullptr)
    return std::nullopt;
  const auto figures = draw_figures(*table, temper.rng());
  if (figures.empty())
    return std::nullopt;
  const std::string alias = alias_of(*table);
  const Conditions conditions = draw_conditions(*table, temper.rng().below(3), temper.rng());
  std::vector<std::string> before, after;
  temper.takes(Habit::scan_each);
  for (const Figure& figure : figures) {
    before.push_back(in_a_pass(figure, *table, alias, conditions, temper));
    after.push_back(in_one_pass(figure, alias));
  }
  return Draft{.before = fmt::format("SELECT {}", fmt::join(before, ", ")),
               .after = fmt::format("SELECT {} FROM {}{}", fmt::join(after, ", "),
                                    source(*table, alias), where({spelled(conditions, alias)})),
               .indexes = {},
               .needs = {}};
}

} // namespace quill::rewrite
