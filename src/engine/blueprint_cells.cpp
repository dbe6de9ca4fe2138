#include "engine/blueprint_cells.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::engine::seed {

namespace {

double number_of(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell))
    return static_cast<double>(*whole);
  return std::get<double>(cell);
}

bool is_null(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

/// A number as the column holds it: rounded, so that the last bit of the arithmetic before cannot
/// be seen.
Cell number_cell(double value, double min, double max, int decimals, ColumnType type) {
  const double rounded = round_to(std::clamp(value, min, max), decimals);
  if (type == ColumnType::integer)
    return static_cast<std::int64_t>(rounded);
  return rounded;
}

double draw(Shape shape, const ShapeSettings& settings, Rng& rng) {
  switch (shape) {
  case Shape::uniform:
    return settings.first + rng.uniform() * (settings.second - settings.first);
  case Shape::normal:
    return settings.first + settings.second * rng.normal();
  default:
    return settings.first * portable_exp(settings.second * rng.normal());
  }
}

/// Whole numbers are drawn as such: rounding a real would give the two ends half their share.
Cell number(const Number& number, const ShapeSettings& settings, ColumnType type, Rng& rng) {
  const bool whole = number.shape == Shape::uniform && number.decimals == 0;
  const double value =
      whole ? static_cast<double>(
                  rng.between(static_cast<std::int64_t>(std::ceil(settings.first)),
                              std::max(static_cast<std::int64_t>(std::ceil(settings.first)),
                                       static_cast<std::int64_t>(std::floor(settings.second)))))
            : draw(number.shape, settings, rng);
  return number_cell(value, number.min, number.max, number.decimals, type);
}

const Cell& choose(const Choices& choices, Rng& rng) {
  const double target = rng.uniform() * choices.cumulative.back();
  const auto found =
      std::upper_bound(choices.cumulative.begin(), choices.cumulative.end() - 1, target);
  return choices.values[static_cast<std::size_t>(found - choices.cumulative.begin())];
}

/// Which of the settings holds for this row; nothing when the choosing cell is NULL.
std::optional<std::size_t> setting_for(const Cases& cases, const std::vector<Cell>& cells) {
  if (!cases.by)
    return 0;
  const Cell& chooser = cells[*cases.by];
  if (is_null(chooser))
    return std::nullopt;
  const auto* text = std::get_if<std::string>(&chooser);
  const auto found =
      text != nullptr ? cases.index.find(*text) : cases.index.find(cell_text(chooser));
  QUILL_CHECK(found != cases.index.end(), "a case that check_table let through");
  return found->second;
}

Cell moment(const Moment& moment, std::int64_t row, std::int64_t rows, Rng& rng) {
  const double u = moment.ascending
                       ? (static_cast<double>(row) + rng.uniform()) / static_cast<double>(rows)
                       : rng.uniform();
  return format_moment(moment.curve.at(std::min(u, 1 - 0x1p-53)), moment.date_only);
}

Cell later(const Later& later, const std::vector<Cell>& cells, Rng& rng) {
  const auto* base = std::get_if<std::string>(&cells[later.than]);
  if (base == nullptr)
    return {};
  const auto from = parse_moment(*base);
  QUILL_CHECK(from.has_value(), "a moment that is no moment");
  const double days =
      std::min(later.days_max, later.median_days * portable_exp(later.spread * rng.normal()));
  const double seconds = std::floor(days * static_cast<double>(kSecondsPerDay) + 0.5);
  constexpr std::int64_t kLastMoment = 253'402'300'799; // 9999-12-31 23:59:59
  const std::int64_t moment = std::min(kLastMoment, *from + static_cast<std::int64_t>(seconds));
  return format_moment(moment, later.date_only);
}

Cell product(const Product& product, const std::vector<Cell>& cells, ColumnType type) {
  double value = 1;
  for (const std::size_t factor : product.of) {
    if (is_null(cells[factor]))
      return {};
    value *= number_of(cells[factor]);
  }
  return number_cell(value, -kNumberMax, kNumberMax, product.decimals, type);
}

Cell linear(const Linear& linear, const std::vector<Cell>& cells, ColumnType type, Rng& rng) {
  if (is_null(cells[linear.of]))
    return {};
  const double noise = linear.noise > 0 ? linear.noise * rng.normal() : 0;
  return number_cell(linear.times * number_of(cells[linear.of]) + linear.plus + noise, linear.min,
                     linear.max, linear.decimals, type);
}

} // namespace

std::string cell_text(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell))
    return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&cell))
    return fmt::format("{}", *real);
  if (const auto* text = std::get_if<std::string>(&cell))
    return *text;
  return "";
}

CellMaker::CellMaker(const Blueprint::Model& model, std::vector<std::int64_t> sizes,
                     std::uint64_t seed)
    : model_(model), sizes_(std::move(sizes)) {
  const Rng root = Rng(seed).child("blueprint").child(model.name);
  for (std::size_t t = 0; t < model.tables.size(); ++t) {
    const Rng rng = root.child(model.tables[t].name);
    std::vector<Plan> plans;
    std::int64_t start = 1;
    for (const Column& column : model.tables[t].columns) {
      if (column.primary_key)
        start = std::get<Serial>(column.values).start;
      plans.push_back(plan(t, column, rng.child(column.name)));
    }
    plans_.push_back(std::move(plans));
    key_starts_.push_back(start);
  }
}

CellMaker::Plan CellMaker::plan(std::size_t table, const Column& column, const Rng& rng) const {
  Plan plan{rng, std::nullopt, std::nullopt};
  const auto* key = std::get_if<ForeignKey>(&column.values);
  if (key == nullptr || key->table == table || sizes_[key->table] == 0)
    return plan;
  plan.zipf.emplace(sizes_[key->table], key->skew, key->flatten);
  plan.scatter.emplace(sizes_[key->table], rng.child("scatter"));
  return plan;
}

void CellMaker::make(std::size_t table, std::int64_t row, std::vector<Cell>& cells) const {
  const Table& facts = model_.tables[table];
  cells.resize(facts.columns.size());
  for (const std::size_t column : facts.order)
    cells[column] = cell({table, column, row}, cells);
}

Cell CellMaker::cell(const At& at, const std::vector<Cell>& cells) const {
  const Column& column = model_.tables[at.table].columns[at.column];
  if (const auto* serial = std::get_if<Serial>(&column.values))
    return serial->start + at.row;
  Rng rng = plans_[at.table][at.column].rng.child("row", static_cast<std::uint64_t>(at.row));
  if (column.null_share > 0 && rng.chance(column.null_share))
    return {};
  if (column.null_when && column.null_when->in.contains(cell_text(cells[column.null_when->column])))
    return {};
  return value(at, rng, cells);
}

Cell CellMaker::value(const At& at, Rng& rng, const std::vector<Cell>& cells) const {
  const Column& column = model_.tables[at.table].columns[at.column];
  if (const auto* key = std::get_if<ForeignKey>(&column.values))
    return foreign_key(*key, at, rng);
  if (const auto* kind = std::get_if<Number>(&column.values)) {
    const auto setting = setting_for(kind->cases, cells);
    return setting ? number(*kind, kind->settings[*setting], column.type, rng) : Cell{};
  }
  if (const auto* kind = std::get_if<Category>(&column.values)) {
    const auto setting = setting_for(kind->cases, cells);
    return setting ? choose(kind->settings[*setting], rng) : Cell{};
  }
  if (const auto* kind = std::get_if<Moment>(&column.values))
    return moment(*kind, at.row, sizes_[at.table], rng);
  if (const auto* kind = std::get_if<Later>(&column.values))
    return later(*kind, cells, rng);
  if (const auto* kind = std::get_if<Text>(&column.values))
    return kind->text.render(at.row, rng,
                             [&](std::size_t source) { return cell_text(cells[source]); });
  if (const auto* kind = std::get_if<Product>(&column.values))
    return product(*kind, cells, column.type);
  if (const auto* kind = std::get_if<Linear>(&column.values))
    return linear(*kind, cells, column.type, rng);
  return lookup(std::get<Lookup>(column.values), at, cells);
}

Cell CellMaker::foreign_key(const ForeignKey& key, const At& at, Rng& rng) const {
  if (key.table == at.table) { // an earlier row of the same table; the oldest are the busiest
    if (at.row == 0)
      return {};
    const std::int64_t rank = ZipfCurve(at.row, key.skew, key.flatten).rank(rng.uniform());
    return key_starts_[key.table] + rank;
  }
  if (sizes_[key.table] == 0)
    return {}; // check_parents: only where NULL is allowed
  if (key.each)
    return key_starts_[key.table] + at.row % sizes_[key.table];
  const Plan& plan = plans_[at.table][at.column];
  return key_starts_[key.table] + (*plan.scatter)(plan.zipf->rank(rng.uniform()));
}

Cell CellMaker::lookup(const Lookup& lookup, const At& at, const std::vector<Cell>& cells) const {
  const auto* key = std::get_if<std::int64_t>(&cells[lookup.through]);
  if (key == nullptr)
    return {};
  const std::size_t parent = *model_.tables[at.table].columns[lookup.through].parent;
  return single({parent, lookup.column, *key - key_starts_[parent]});
}

Cell CellMaker::single(const At& at) const {
  const Table& facts = model_.tables[at.table];
  std::vector<bool> needed(facts.columns.size());
  needed[at.column] = true;
  // Sources come before what is computed from them, so one walk backwards finds all.
  for (auto column = facts.order.rbegin(); column != facts.order.rend(); ++column)
    if (needed[*column])
      for (const std::size_t source : sources_of(facts.columns[*column]))
        needed[source] = true;
  std::vector<Cell> cells(facts.columns.size());
  for (const std::size_t column : facts.order)
    if (needed[column])
      cells[column] = cell({at.table, column, at.row}, cells);
  return std::move(cells[at.column]);
}

void check_parents(const Blueprint::Model& model, const std::vector<std::int64_t>& sizes) {
  for (std::size_t t = 0; t < model.tables.size(); ++t)
    for (const Column& column : model.tables[t].columns) {
      if (sizes[t] == 0 || !column.not_null || !column.parent || sizes[*column.parent] > 0)
        continue;
      throw Error{Exit::usage,
                  {.what = fmt::format("{}.{} needs a row of {}, which would have none",
                                       model.tables[t].name, column.name,
                                       model.tables[*column.parent].name),
                   .where = model.where,
                   .fix = fmt::format("give {} at least one row, or {} none",
                                      model.tables[*column.parent].name, model.tables[t].name)}};
    }
}

} // namespace quill::engine::seed
