// What can only be said of a whole table: kinds fit types, NULLs are allowed where they may come,
// cases cover every value, and no column is computed from itself.
#include <algorithm>

#include <fmt/format.h>

#include "engine/blueprint_model.hpp"
#include "quill/core/error.hpp"

namespace quill::engine::seed {

namespace {

struct Place {
  const std::vector<Table>& tables; ///< the last one is `table`
  const Table& table;
  const std::string& where;

  [[noreturn]] void refuse(const Column& column, std::string_view what, std::string fix) const {
    throw Error{Exit::usage,
                {.what = fmt::format("column {}.{}: {}", table.name, column.name, what),
                 .where = where,
                 .fix = std::move(fix)}};
  }
};

/// The column that a lookup reads, itself for any other kind.
const Column& source_of(const Place& place, const Table& table, const Column& column) {
  const auto* lookup = std::get_if<Lookup>(&column.values);
  if (lookup == nullptr)
    return column;
  return place.tables[*table.columns[lookup->through].parent].columns[lookup->column];
}

/// The column where the values are made, through lookups of lookups (tables only look to earlier
/// ones, so this ends).
const Column& origin_of(const Place& place, const Table& table, const Column& column) {
  const auto* lookup = std::get_if<Lookup>(&column.values);
  if (lookup == nullptr)
    return column;
  const Table& parent = place.tables[*table.columns[lookup->through].parent];
  return origin_of(place, parent, parent.columns[lookup->column]);
}

/// The table a foreign key points to is made before, so only a self-reference can be circular.
bool points_to_itself(const Place& place, const ForeignKey& key) {
  return key.table + 1 == place.tables.size();
}

bool makes_moments(const Place& place, const Column& column) {
  const auto& values = origin_of(place, place.table, column).values;
  return std::holds_alternative<Moment>(values) || std::holds_alternative<Later>(values);
}

void check_type(const Place& place, const Column& column) {
  const auto want = [&](bool fits, const char* types) {
    if (!fits)
      place.refuse(column, "its values do not fit its type", fmt::format("make it {}", types));
  };
  const bool integer = column.type == ColumnType::integer;
  const bool text = column.type == ColumnType::text;
  const auto& values = column.values;
  if (std::holds_alternative<Serial>(values) || std::holds_alternative<ForeignKey>(values))
    want(integer, "INTEGER");
  else if (std::holds_alternative<Number>(values) || std::holds_alternative<Product>(values) ||
           std::holds_alternative<Linear>(values))
    want(!text, "INTEGER or REAL");
  else if (std::holds_alternative<Moment>(values) || std::holds_alternative<Later>(values) ||
           std::holds_alternative<Text>(values))
    want(text, "TEXT");
  else if (std::holds_alternative<Lookup>(values))
    want(source_of(place, place.table, column).type == column.type,
         "the type of the column it looks up");
}

void check_keys(const Place& place) {
  std::size_t keys = 0;
  for (const Column& column : place.table.columns) {
    const bool serial = std::holds_alternative<Serial>(column.values);
    const auto* text = std::get_if<Text>(&column.values);
    if (column.primary_key && (++keys > 1 || !serial))
      place.refuse(column, "a table has one primary key, with serial values",
                   "use {\"kind\": \"serial\"} for it");
    if (column.unique && !serial && (text == nullptr || !text->text.has_row()))
      place.refuse(column, "values of this kind may repeat, so it cannot be unique",
                   "use serial, or a text with {row}");
    if (column.parent && !std::holds_alternative<ForeignKey>(column.values))
      place.refuse(column, "a column with \"references\" needs values of kind foreign_key",
                   "use {\"kind\": \"foreign_key\"}");
  }
}

/// Can a cell of this column be NULL?
bool nullable(const Place& place, const Column& column) {
  if (column.primary_key)
    return false;
  if (column.null_share > 0 || column.null_when)
    return true;
  const auto* key = std::get_if<ForeignKey>(&column.values);
  if (key != nullptr && points_to_itself(place, *key))
    return true; // the first row has no earlier one
  // Told from the declaration: simple to follow, and on the safe side.
  const Column& source = source_of(place, place.table, column);
  if (&source != &column && !source.not_null && !source.primary_key)
    return true;
  for (const std::size_t at : sources_of(column))
    if (!place.table.columns[at].not_null && !place.table.columns[at].primary_key)
      return true;
  return false;
}

void check_nulls(const Place& place, const Column& column) {
  if (column.primary_key && (column.null_share > 0 || column.null_when))
    place.refuse(column, "a primary key is never NULL", "take null_share and null_when out");
  if (column.not_null && nullable(place, column))
    place.refuse(column, "it is not_null but its values, or those it is computed from, may be NULL",
                 "declare those not_null too, or let this one be NULL");
}

std::string text_of(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell))
    return std::to_string(*whole);
  if (const auto* text = std::get_if<std::string>(&cell))
    return *text;
  return "";
}

void check_cases(const Place& place, const Column& column, const Cases& cases) {
  if (!cases.by)
    return;
  const Column& chooser = place.table.columns[*cases.by];
  const auto* category = std::get_if<Category>(&origin_of(place, place.table, chooser).values);
  if (category == nullptr || chooser.type == ColumnType::real)
    place.refuse(column, fmt::format("\"by\": {} is no category", chooser.name),
                 "choose by a TEXT or INTEGER column of kind category, or a lookup of one");
  for (const Choices& choices : category->settings)
    for (const Cell& value : choices.values)
      if (!cases.index.contains(text_of(value)))
        place.refuse(column,
                     fmt::format("\"cases\" has none for {} \"{}\"", chooser.name, text_of(value)),
                     "add the case");
}

void check_sources(const Place& place, const Column& column) {
  const auto numeric = [&](std::size_t source) {
    if (place.table.columns[source].type == ColumnType::text)
      place.refuse(column, fmt::format("{} is no number", place.table.columns[source].name),
                   "compute from INTEGER or REAL columns");
  };
  if (const auto* product = std::get_if<Product>(&column.values))
    for (const std::size_t source : product->of)
      numeric(source);
  if (const auto* linear = std::get_if<Linear>(&column.values))
    numeric(linear->of);
  if (const auto* later = std::get_if<Later>(&column.values))
    if (!makes_moments(place, place.table.columns[later->than]))
      place.refuse(column,
                   fmt::format("\"than\": {} is no moment", place.table.columns[later->than].name),
                   "name a column of kind moment or later, or a lookup of one");
  if (const auto* number = std::get_if<Number>(&column.values))
    check_cases(place, column, number->cases);
  if (const auto* category = std::get_if<Category>(&column.values))
    check_cases(place, column, category->cases);
}

/// Columns so that each comes after its sources; refuses a circle.
std::vector<std::size_t> ordered(const Place& place) {
  enum class Mark { fresh, open, done };
  std::vector<Mark> marks(place.table.columns.size(), Mark::fresh);
  std::vector<std::size_t> order;
  const auto visit = [&](const auto& self, std::size_t at) -> void {
    const Column& column = place.table.columns[at];
    if (marks[at] == Mark::open)
      place.refuse(column, "it is computed from itself", "break the circle");
    if (marks[at] == Mark::done)
      return;
    marks[at] = Mark::open;
    for (const std::size_t source : sources_of(column)) // at most kColumnsMax deep
      self(self, source);
    marks[at] = Mark::done;
    order.push_back(at);
  };
  for (std::size_t i = 0; i < place.table.columns.size(); ++i)
    visit(visit, i);
  return order;
}

} // namespace

void check_table(const std::vector<Table>& tables, Table& table, const std::string& where) {
  const Place place{tables, table, where};
  check_keys(place);
  for (const Column& column : table.columns) {
    check_type(place, column);
    check_sources(place, column);
    check_nulls(place, column);
  }
  table.order = ordered(place);
}

} // namespace quill::engine::seed
