// Reading "values": one small parser for each kind of distribution.
#include <charconv>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "engine/blueprint_model.hpp"
#include "quill/core/error.hpp"
#include "quill/core/json.hpp"

namespace quill::engine::seed {

namespace {

constexpr std::size_t kTemplateBytesMax = 4'000;
constexpr std::int64_t kCurveDaysMax = 36'600;
constexpr double kSkewMax = 3;

[[noreturn]] void refuse(std::string what, const std::string& where, std::string fix) {
  throw Error{Exit::usage, {std::move(what), where, std::move(fix)}};
}

/// A number of the object within [low, high].
double bounded(const JsonObject& object, std::string_view key, double low, double high,
               std::optional<double> fallback = std::nullopt) {
  const double value = fallback ? object.number_or(key, *fallback) : object.number(key);
  if (!(value >= low && value <= high))
    refuse(fmt::format("\"{}\" is {}, not from {} to {}", key, value, low, high), object.where(),
           "choose a number in that range");
  return value;
}

int decimals_of(const JsonObject& object, const Column& column) {
  const auto decimals = object.integer_or("decimals", column.type == ColumnType::real ? 2 : 0);
  if (decimals < 0 || decimals > kDecimalsMax)
    refuse(fmt::format("\"decimals\" is {}, not from 0 to {}", decimals, kDecimalsMax),
           object.where(), "choose a number in that range");
  if (column.type == ColumnType::integer && decimals != 0)
    refuse("an INTEGER column has no decimals", object.where(), "make it REAL, or leave them out");
  return static_cast<int>(decimals);
}

std::pair<double, double> limits_of(const JsonObject& object) {
  const double min = bounded(object, "min", -kNumberMax, kNumberMax, -kNumberMax);
  const double max = bounded(object, "max", -kNumberMax, kNumberMax, kNumberMax);
  if (min > max)
    refuse(fmt::format("\"min\" {} is above \"max\" {}", min, max), object.where(), "swap them");
  return {min, max};
}

Distribution parse_serial(const JsonObject& object, const Column&, const ColumnScope&) {
  object.refuse_unknown({"kind", "start"});
  const auto start = object.integer_or("start", 1);
  if (start < 0 || start > kRowsMax)
    refuse(fmt::format("\"start\" is {}, not from 0 to {}", start, kRowsMax), object.where(),
           "choose a number in that range");
  return Serial{start};
}

Distribution parse_foreign_key(const JsonObject& object, const Column& column, const ColumnScope&) {
  object.refuse_unknown({"kind", "skew", "flatten", "each"});
  if (!column.parent)
    refuse("foreign_key needs \"references\"", object.where(),
           "add \"references\": \"table.column\" to the column");
  ForeignKey key;
  key.table = *column.parent;
  key.skew = bounded(object, "skew", 0, kSkewMax, 0);
  key.flatten = bounded(object, "flatten", 0.01, kNumberMax, 1);
  key.each = object.boolean_or("each", false);
  return key;
}

/// The settings of one shape; `shape` says which two keys they have.
ShapeSettings parse_settings(const JsonObject& object, Shape shape) {
  if (shape == Shape::uniform) {
    const auto [min, max] = limits_of(object);
    return {min, max};
  }
  if (shape == Shape::normal)
    return {bounded(object, "mean", -kNumberMax, kNumberMax),
            bounded(object, "deviation", 0, kNumberMax)};
  return {bounded(object, "median", 1e-9, kNumberMax), bounded(object, "spread", 0, 5)};
}

std::vector<std::string> keys_of(Shape shape) {
  if (shape == Shape::uniform)
    return {"min", "max"};
  if (shape == Shape::normal)
    return {"mean", "deviation"};
  return {"median", "spread"};
}

/// Reads "by" and the settings under "cases", one call of `read` for each.
Cases parse_cases(const JsonObject& object, const ColumnScope& scope,
                  const std::function<void(const Json&, const std::string&)>& read) {
  Cases cases;
  cases.by = scope.column(object.text("by"));
  const Json& list = object.at("cases");
  const JsonObject settings(list, object.where() + ": cases");
  if (list.size() > kChoicesMax)
    refuse("too many \"cases\"", object.where(), fmt::format("at most {}", kChoicesMax));
  for (const auto& entry : list.items()) {
    cases.index.emplace(entry.key(), cases.index.size());
    read(entry.value(), fmt::format("{}: \"{}\"", settings.where(), entry.key()));
  }
  return cases;
}

Distribution parse_number(const JsonObject& object, const Column& column, const ColumnScope& scope,
                          Shape shape) {
  std::vector<std::string> known = {"kind", "decimals", "min", "max"};
  const auto own = keys_of(shape);
  const bool by_case = object.has("by");
  if (by_case)
    known.insert(known.end(), {"by", "cases"});
  else
    known.insert(known.end(), own.begin(), own.end());
  object.refuse_unknown(known);
  Number number;
  number.shape = shape;
  number.decimals = decimals_of(object, column);
  std::tie(number.min, number.max) = limits_of(object);
  const auto read = [&](const Json& value, const std::string& where) {
    const JsonObject settings(value, where);
    settings.refuse_unknown(own);
    number.settings.push_back(parse_settings(settings, shape));
  };
  if (by_case)
    number.cases = parse_cases(object, scope, read);
  else
    number.settings.push_back(parse_settings(object, shape));
  if (shape == Shape::uniform)
    for (const auto& settings : number.settings)
      if (settings.first <= -kNumberMax || settings.second >= kNumberMax)
        refuse("uniform needs \"min\" and \"max\"", object.where(), "write both");
  return number;
}

/// A choice as a cell of the column's type.
Cell choice_cell(const std::string& text, ColumnType type, const std::string& where) {
  if (text.size() > kWordBytesMax)
    refuse(fmt::format("a choice of {} bytes, at most {} are allowed", text.size(), kWordBytesMax),
           where, "shorten it");
  if (type == ColumnType::text)
    return text;
  double value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end || !(std::abs(value) <= kNumberMax) ||
      (type == ColumnType::integer && value != std::floor(value)))
    refuse(fmt::format("choice \"{}\" is not a number of the column's type", text), where,
           "write numbers as texts: {\"0\": 3, \"1\": 1}");
  if (type == ColumnType::integer)
    return static_cast<std::int64_t>(value);
  return value;
}

Choices parse_choices(const Json& value, ColumnType type, const std::string& where) {
  const JsonObject object(value, where);
  if (value.empty() || value.size() > kChoicesMax)
    refuse(fmt::format("choices must be 1 to {}", kChoicesMax), where, "see docs/blueprints.md");
  Choices choices;
  double sum = 0;
  for (const auto& entry : value.items()) {
    choices.values.push_back(choice_cell(entry.key(), type, where));
    choices.cumulative.push_back(sum += bounded(object, entry.key(), 0, kNumberMax));
  }
  if (!(sum > 0))
    refuse("all weights are zero", where, "give at least one choice a weight");
  return choices;
}

Distribution parse_category(const JsonObject& object, const Column& column,
                            const ColumnScope& scope) {
  Category category;
  const auto read = [&](const Json& value, const std::string& where) {
    category.settings.push_back(parse_choices(value, column.type, where));
  };
  if (object.has("by")) {
    object.refuse_unknown({"kind", "by", "cases"});
    category.cases = parse_cases(object, scope, read);
  } else {
    object.refuse_unknown({"kind", "choices"});
    read(object.at("choices"), object.where() + ": choices");
  }
  return category;
}

std::int64_t day_at(const JsonObject& object, std::string_view key) {
  const std::string text = object.text(key);
  const auto day = parse_day(text);
  if (!day)
    refuse(fmt::format("\"{}\" is \"{}\", not a date", key, text), object.where(),
           "write it as \"2024-03-15\"");
  return *day;
}

std::vector<double> factors_at(const JsonObject& object, std::string_view key, std::size_t count) {
  std::vector<double> factors;
  if (!object.has(key))
    return factors;
  const Json& list = object.at(key);
  double sum = 0;
  bool fits = list.is_array() && list.size() == count;
  for (std::size_t i = 0; fits && i < count; ++i) {
    fits = list[i].is_number() && list[i].get<double>() >= 0 && list[i].get<double>() <= 1e6;
    if (fits)
      sum += factors.emplace_back(list[i].get<double>());
  }
  if (!fits || !(sum > 0))
    refuse(fmt::format("\"{}\" must be {} numbers from 0 to 1000000, not all 0", key, count),
           object.where(), "write 1 where nothing is special");
  return factors;
}

/// A range of days that has rows at all, whatever the factors are.
void check_curve(const CurveSettings& settings, const std::string& where) {
  if (settings.first_day > settings.last_day)
    refuse("\"from\" is after \"to\"", where, "swap them");
  if (settings.last_day - settings.first_day >= kCurveDaysMax)
    refuse(fmt::format("more than {} days", kCurveDaysMax), where, "choose a shorter range");
  for (const auto& factors : {settings.months, settings.weekdays})
    for (const double factor : factors)
      if (factor == 0 && settings.last_day - settings.first_day < std::int64_t{2} * 366)
        refuse("a factor of 0 needs a range of two years at least", where,
               "use a small factor, such as 0.01");
}

bool date_only_of(const JsonObject& object) {
  const std::string format = object.text_or("format", "datetime");
  if (format != "date" && format != "datetime")
    refuse(fmt::format("unknown format \"{}\"", format), object.where(),
           "use \"date\" or \"datetime\"");
  return format == "date";
}

Distribution parse_moment(const JsonObject& object, const Column&, const ColumnScope&) {
  object.refuse_unknown(
      {"kind", "from", "to", "growth", "months", "weekdays", "ascending", "format"});
  CurveSettings settings;
  settings.first_day = day_at(object, "from");
  settings.last_day = day_at(object, "to");
  settings.growth = bounded(object, "growth", 0.001, 1000, 1);
  settings.months = factors_at(object, "months", 12);
  settings.weekdays = factors_at(object, "weekdays", 7);
  check_curve(settings, object.where());
  return Moment{DayCurve(settings), date_only_of(object), object.boolean_or("ascending", false)};
}

Distribution parse_later(const JsonObject& object, const Column&, const ColumnScope& scope) {
  object.refuse_unknown({"kind", "than", "median_days", "spread", "days_max", "format"});
  Later later;
  later.than = scope.column(object.text("than"));
  later.median_days = bounded(object, "median_days", 1e-6, 36'500);
  later.spread = bounded(object, "spread", 0, 5, 0.5);
  later.days_max = bounded(object, "days_max", 1e-6, 36'500, 3'650);
  later.date_only = date_only_of(object);
  return later;
}

Distribution parse_text(const JsonObject& object, const Column&, const ColumnScope& scope) {
  object.refuse_unknown({"kind", "text"});
  const std::string pattern = object.text("text");
  if (pattern.size() > kTemplateBytesMax)
    refuse(fmt::format("\"text\" has {} bytes, at most {} are allowed", pattern.size(),
                       kTemplateBytesMax),
           object.where(), "make it shorter");
  const auto column_of = [&](std::string_view name) { return scope.column(name); };
  return Text{Template::parse(pattern, scope.vocabulary, column_of, object.where())};
}

Distribution parse_product(const JsonObject& object, const Column& column,
                           const ColumnScope& scope) {
  object.refuse_unknown({"kind", "of", "decimals"});
  Product product;
  for (const auto& name : object.texts_or_empty("of"))
    product.of.push_back(scope.column(name));
  if (product.of.empty() || product.of.size() > 4)
    refuse("\"of\" must name one to four columns", object.where(), "list them");
  product.decimals = decimals_of(object, column);
  return product;
}

Distribution parse_linear(const JsonObject& object, const Column& column,
                          const ColumnScope& scope) {
  object.refuse_unknown({"kind", "of", "times", "plus", "noise", "min", "max", "decimals"});
  Linear linear;
  linear.of = scope.column(object.text("of"));
  linear.times = bounded(object, "times", -1e6, 1e6, 1);
  linear.plus = bounded(object, "plus", -kNumberMax, kNumberMax, 0);
  linear.noise = bounded(object, "noise", 0, kNumberMax, 0);
  std::tie(linear.min, linear.max) = limits_of(object);
  linear.decimals = decimals_of(object, column);
  return linear;
}

Distribution parse_lookup(const JsonObject& object, const Column&, const ColumnScope& scope) {
  object.refuse_unknown({"kind", "through", "column"});
  Lookup lookup;
  lookup.through = scope.column(object.text("through"));
  const auto parent = scope.table.columns[lookup.through].parent;
  if (!parent || *parent >= scope.tables.size())
    refuse("\"through\" must name a foreign key to an earlier table", object.where(),
           "name a column with \"references\"");
  const auto found = find_column(scope.tables[*parent], object.text("column"));
  if (!found)
    refuse(fmt::format("there is no column \"{}\" in {}", object.text("column"),
                       scope.tables[*parent].name),
           object.where(), "name a column of the table referred to");
  lookup.column = *found;
  return lookup;
}

using Parser = Distribution (*)(const JsonObject&, const Column&, const ColumnScope&);
struct Kind {
  const char* name;
  Parser parse;
};

template <Shape shape>
Distribution parse_shape(const JsonObject& object, const Column& column, const ColumnScope& scope) {
  return parse_number(object, column, scope, shape);
}

constexpr Kind kKinds[] = {
    {"serial", parse_serial},
    {"foreign_key", parse_foreign_key},
    {"uniform", parse_shape<Shape::uniform>},
    {"normal", parse_shape<Shape::normal>},
    {"lognormal", parse_shape<Shape::lognormal>},
    {"category", parse_category},
    {"moment", parse_moment},
    {"later", parse_later},
    {"text", parse_text},
    {"product", parse_product},
    {"linear", parse_linear},
    {"lookup", parse_lookup},
};

} // namespace

Distribution parse_values(const Json& value, const Column& column, const ColumnScope& scope) {
  const JsonObject object(value, scope.where + ": values");
  const std::string name = object.text("kind");
  std::vector<std::string> known;
  for (const Kind& kind : kKinds) {
    if (name == kind.name)
      return kind.parse(object, column, scope);
    known.emplace_back(kind.name);
  }
  const std::string near = nearest_word(name, known);
  refuse(fmt::format("unknown kind \"{}\"", name), object.where(),
         near.empty() ? fmt::format("use {}", fmt::join(known, ", "))
                      : fmt::format("did you mean \"{}\"?", near));
}

} // namespace quill::engine::seed
