#include "rewrite/pessimiser/condition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "quill/sql/parse.hpp"

namespace quill::rewrite {

namespace {

using Kind = ColumnSample::Kind;

std::size_t at_share(const ColumnSample& column, double share) {
  return std::min(static_cast<std::size_t>(share * static_cast<double>(column.values.size())),
                  column.values.size() - 1);
}

/// The text after all texts that begin with `prefix`: its last letter moved on.
std::string prefix_end(std::string prefix) {
  prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

/// A prefix whose last letter has a neighbour that is a plain letter or digit as well.
bool has_plain_end(const std::string& prefix) {
  const char last = prefix.back();
  return (last >= '0' && last < '9') || (last >= 'A' && last < 'Z') || (last >= 'a' && last < 'z');
}

std::optional<Condition> prefixed(const ColumnSample& column, std::size_t length, Rng& rng) {
  const std::string& value = rng.pick(column.values);
  if (value.size() <= length || !has_plain_end(value.substr(0, length)))
    return std::nullopt;
  const std::string prefix = value.substr(0, length);
  return Condition{Condition::Kind::prefix, &column, {prefix, prefix_end(prefix)}};
}

Condition one_of(const ColumnSample& column, std::size_t count, Rng& rng) {
  std::vector<std::string> values = column.values;
  rng.shuffle(values);
  values.resize(std::min(values.size(), count));
  if (values.size() == 1)
    return {Condition::Kind::equals, &column, values};
  return {Condition::Kind::one_of, &column, values};
}

Condition ranged(const ColumnSample& column, Rng& rng) {
  const double share = 0.1 + 0.8 * rng.uniform();
  const auto& values = column.values;
  switch (rng.below(3)) {
  case 0:
    return {Condition::Kind::at_least, &column, {values[at_share(column, share)]}};
  case 1:
    return {Condition::Kind::at_most, &column, {values[at_share(column, share)]}};
  default:
    return {Condition::Kind::between,
            &column,
            {values[at_share(column, share / 2)], values[at_share(column, share / 2 + 0.3)]}};
  }
}

std::optional<Condition> draw(const ColumnSample& column, Rng& rng) {
  constexpr std::size_t kYear = 4, kMonth = 7, kDay = 10;
  if (column.values.empty())
    return std::nullopt;
  switch (column.kind) {
  case Kind::category:
    return one_of(column, rng.chance(0.5) ? 1 : 2 + rng.below(3), rng);
  case Kind::reference:
    return one_of(column, rng.chance(0.6) ? 1 : 2 + rng.below(4), rng);
  case Kind::number:
    return ranged(column, rng);
  case Kind::date:
    if (rng.chance(0.3)) // a day, since then
      return Condition{Condition::Kind::at_least, &column, {rng.pick(column.values).substr(0, 10)}};
    return prefixed(column, std::vector<std::size_t>{kYear, kMonth, kMonth, kDay}[rng.below(4)],
                    rng);
  case Kind::text:
    return rng.chance(0.4) ? std::optional(one_of(column, 1, rng))
                           : prefixed(column, 1 + rng.below(3), rng);
  case Kind::key:
    return ranged(column, rng);
  }
  return std::nullopt;
}

std::string list(const Condition& condition) {
  std::vector<std::string> items;
  for (const std::string& value : condition.values)
    items.push_back(literal(*condition.column, value));
  return fmt::format("{}", fmt::join(items, ", "));
}

/// Of an expression that stands for the column.
std::string compared(const Condition& condition, const std::string& left) {
  const auto value = [&](std::size_t k) { return literal(*condition.column, condition.values[k]); };
  switch (condition.kind) {
  case Condition::Kind::equals:
    return fmt::format("{} = {}", left, value(0));
  case Condition::Kind::one_of:
    return fmt::format("{} IN ({})", left, list(condition));
  case Condition::Kind::at_least:
    return fmt::format("{} >= {}", left, value(0));
  case Condition::Kind::at_most:
    return fmt::format("{} <= {}", left, value(0));
  case Condition::Kind::between:
    return fmt::format("{} BETWEEN {} AND {}", left, value(0), value(1));
  case Condition::Kind::prefix:
    return fmt::format("{} >= {} AND {} < {}", left, value(0), left, value(1));
  }
  return {};
}

std::string or_chain(const Condition& condition, const std::string& left) {
  std::vector<std::string> arms;
  for (const std::string& value : condition.values)
    arms.push_back(fmt::format("{} = {}", left, literal(*condition.column, value)));
  return fmt::format("({})", fmt::join(arms, " OR "));
}

/// Is '' none of the values that it lets through?
bool refuses_empty(const Condition& condition) {
  using enum Condition::Kind;
  const bool from_below = condition.kind == at_most || condition.kind == between;
  return !from_below &&
         std::find(condition.values.begin(), condition.values.end(), "") == condition.values.end();
}

/// The column inside something that changes no value of it that the condition lets through.
std::string wrapped(const Condition& condition, const std::string& name, Rng& rng) {
  if (condition.column->is_text)
    return refuses_empty(condition) && rng.chance(0.5) ? fmt::format("coalesce({}, '')", name)
                                                       : fmt::format("{} || ''", name);
  return rng.chance(0.7) ? fmt::format("{} + 0", name) : fmt::format("{} * 1", name);
}

std::string hurried(const Condition& condition, const std::string& alias, Temper& temper) {
  const std::string name = of(alias, *condition.column);
  if (condition.kind == Condition::Kind::prefix) {
    if (!temper.gives_in(Habit::function_on_column))
      return compared(condition, name);
    return fmt::format("substr({}, 1, {}) = {}", name, condition.values.front().size(),
                       literal(*condition.column, condition.values.front()));
  }
  const bool function = temper.gives_in(Habit::function_on_column);
  const std::string left = function ? wrapped(condition, name, temper.rng()) : name;
  if (condition.kind == Condition::Kind::one_of && temper.gives_in(Habit::or_chain))
    return or_chain(condition, left);
  return compared(condition, left);
}

template <class Spell> std::string joined(const Conditions& conditions, const Spell& spell) {
  std::vector<std::string> parts;
  for (const Condition& condition : conditions)
    parts.push_back(spell(condition));
  return fmt::format("{}", fmt::join(parts, " AND "));
}

/// Numbers in their order as numbers: the sample holds them so already.
std::vector<const ColumnSample*> usable(const TableSample& table, bool with_text) {
  std::vector<const ColumnSample*> columns;
  for (const ColumnSample& column : table.columns)
    if (column.kind != Kind::key && !column.values.empty() &&
        (with_text || column.kind != Kind::text))
      columns.push_back(&column);
  return columns;
}

} // namespace

std::string literal(const ColumnSample& column, const std::string& value) {
  return column.is_text ? sql::quoted_text(value) : value;
}

std::string of(const std::string& alias, const ColumnSample& column) {
  return alias + "." + column.name;
}

Conditions draw_conditions(const TableSample& table, std::size_t count, Rng& rng) {
  auto columns = usable(table, rng.chance(0.3));
  rng.shuffle(columns);
  Conditions conditions;
  for (const ColumnSample* column : columns) {
    if (conditions.size() == count)
      break;
    if (auto condition = draw(*column, rng))
      conditions.push_back(std::move(*condition));
  }
  return conditions;
}

std::optional<Condition> draw_rare_condition(const TableSample& table, Rng& rng) {
  auto columns = usable(table, true);
  rng.shuffle(columns);
  for (const ColumnSample* column : columns) {
    const bool rare = column->values.size() > 40;
    if (rare && column->kind == Kind::date)
      if (auto day = prefixed(*column, 10, rng))
        return day;
    if (rare && column->kind != Kind::number)
      return one_of(*column, 1 + rng.below(2), rng);
  }
  return std::nullopt;
}

std::string spelled(const Conditions& conditions, const std::string& alias) {
  return joined(conditions, [&](const Condition& condition) {
    return compared(condition, of(alias, *condition.column));
  });
}

std::string hurried(const Conditions& conditions, const std::string& alias, Temper& temper) {
  return joined(conditions,
                [&](const Condition& condition) { return hurried(condition, alias, temper); });
}

std::string where(const std::vector<std::string>& parts) {
  std::vector<std::string> given;
  for (const std::string& part : parts)
    if (!part.empty())
      given.push_back(part);
  return given.empty() ? "" : fmt::format(" WHERE {}", fmt::join(given, " AND "));
}

} // namespace quill::rewrite
