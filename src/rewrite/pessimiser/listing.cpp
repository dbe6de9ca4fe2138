// SELECT o.id, o.amount, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id
// WHERE … ORDER BY o.amount DESC, o.id LIMIT 20
#include <fmt/format.h>

#include <algorithm>

#include "rewrite/pessimiser/shapes.hpp"

namespace quill::rewrite {

namespace {

using Kind = ColumnSample::Kind;

/// A parent's columns in the list.
struct Lookup {
  const TableSample* parent;
  const ColumnSample* foreign;
  std::vector<const ColumnSample*> columns;
  std::string alias;
};

struct Listing {
  const TableSample* table = nullptr;
  std::string alias;
  std::vector<const ColumnSample*> columns; ///< the key first
  std::vector<Lookup> lookups;
  Conditions conditions;
  const ColumnSample* order = nullptr; ///< one of `columns`, then the key
  bool descending = false;
  std::int64_t limit = 0; ///< 0: none

  [[nodiscard]] const ColumnSample& key() const { return table->columns[table->key]; }
};

void draw_lookups(Listing& listing, const Samples& samples, Rng& rng) {
  std::vector<std::string> taken{listing.alias};
  for (const ParentLink& link : listing.table->parents) {
    if (listing.lookups.size() == 2 || !rng.chance(0.6))
      continue;
    const TableSample& parent = samples.tables[link.parent];
    auto columns = draw_columns(parent, 1 + rng.below(3), rng);
    if (columns.empty())
      continue;
    taken.push_back(alias_of(parent, taken));
    listing.lookups.push_back(
        {&parent, &listing.table->columns[link.column], columns, taken.back()});
  }
}

std::optional<Listing> draw(const Samples& samples, Temper& temper) {
  Rng& rng = temper.rng();
  Listing listing;
  listing.table = draw_table(samples, rng);
  if (listing.table == nullptr)
    return std::nullopt;
  listing.alias = alias_of(*listing.table);
  listing.columns = draw_columns(*listing.table, 1 + rng.below(4), rng);
  listing.columns.insert(listing.columns.begin(), &listing.key());
  draw_lookups(listing, samples, rng);
  listing.conditions = draw_conditions(*listing.table, rng.below(3), rng);
  if (temper.taste() != Strength::light && rng.chance(0.5))
    if (auto rare = draw_rare_condition(*listing.table, rng))
      listing.conditions = {*rare};
  listing.order = listing.columns.back();
  listing.descending = rng.chance(0.5);
  if (listing.conditions.empty() || rng.chance(0.4))
    listing.limit = std::vector<std::int64_t>{5, 10, 20, 50, 100}[rng.below(5)];
  return listing;
}

std::string lookup_name(const Lookup& lookup, const ColumnSample& column) {
  return fmt::format("{}_{}", lookup.alias, column.name);
}

std::string own_items(const Listing& listing) {
  std::vector<std::string> items;
  for (const ColumnSample* column : listing.columns)
    items.push_back(of(listing.alias, *column));
  return fmt::format("{}", fmt::join(items, ", "));
}

/// ", u.name AS u_name" for each column, by `spell`.
template <class Spell> std::string lookup_items(const Listing& listing, const Spell& spell) {
  std::string items;
  for (const Lookup& lookup : listing.lookups)
    for (const ColumnSample* column : lookup.columns)
      items += fmt::format(", {} AS \"{}\"", spell(lookup, *column), lookup_name(lookup, *column));
  return items;
}

std::string joined_item(const Lookup& lookup, const ColumnSample& column) {
  return of(lookup.alias, column);
}

std::string joins(const Listing& listing, const std::string& arithmetic) {
  std::string text;
  for (const Lookup& lookup : listing.lookups)
    text += fmt::format(" LEFT JOIN {} ON {}{} = {}{}", source(*lookup.parent, lookup.alias),
                        of(lookup.alias, lookup.parent->columns[lookup.parent->key]), arithmetic,
                        of(listing.alias, *lookup.foreign), arithmetic);
  return text;
}

std::string tail(const Listing& listing, bool limited) {
  std::string text =
      fmt::format(" ORDER BY {}{}, {}", of(listing.alias, *listing.order),
                  listing.descending ? " DESC" : "", of(listing.alias, listing.key()));
  if (limited && listing.limit > 0)
    text += fmt::format(" LIMIT {}", listing.limit);
  return text;
}

std::string sensible(const Listing& listing) {
  return fmt::format("SELECT {}{} FROM {}{}{}{}", own_items(listing),
                     lookup_items(listing, joined_item), source(*listing.table, listing.alias),
                     joins(listing, ""), where({spelled(listing.conditions, listing.alias)}),
                     tail(listing, true));
}

std::string scalar_item(const Listing& listing, const Lookup& lookup, const ColumnSample& column) {
  return fmt::format("(SELECT {} FROM {} WHERE {} = {})", of(lookup.alias, column),
                     source(*lookup.parent, lookup.alias),
                     of(lookup.alias, lookup.parent->columns[lookup.parent->key]),
                     of(listing.alias, *lookup.foreign));
}

/// One arm for each value of an IN list, over the columns by their names.
std::optional<std::string> arms(const Listing& listing, Temper& temper) {
  const auto split =
      std::find_if(listing.conditions.begin(), listing.conditions.end(),
                   [](const auto& one) { return one.kind == Condition::Kind::one_of; });
  if (split == listing.conditions.end() || listing.limit > 0 || !listing.lookups.empty() ||
      !temper.gives_in(Habit::repeated_arms))
    return std::nullopt;
  std::vector<std::string> arms;
  for (const std::string& value : split->values) {
    Conditions conditions = listing.conditions;
    conditions[static_cast<std::size_t>(split - listing.conditions.begin())] = {
        Condition::Kind::equals, split->column, {value}};
    arms.push_back(fmt::format("SELECT {} FROM {}{}", own_items(listing),
                               source(*listing.table, listing.alias),
                               where({hurried(conditions, listing.alias, temper)})));
  }
  return fmt::format("{} ORDER BY {}{}, {}", fmt::join(arms, " UNION "), listing.order->name,
                     listing.descending ? " DESC" : "", listing.key().name);
}

std::string items(const Listing& listing, Draft& draft, bool scalar, Temper& temper) {
  if (listing.lookups.empty() && temper.gives_in(Habit::select_star)) {
    for (const ColumnSample* column : listing.columns)
      draft.needs.columns.push_back(column->name);
    return listing.alias + ".*";
  }
  const std::string distinct = temper.gives_in(Habit::needless_distinct) ? "DISTINCT " : "";
  return distinct + own_items(listing) +
         lookup_items(listing, [&](const Lookup& lookup, const ColumnSample& column) {
           return scalar ? scalar_item(listing, lookup, column) : joined_item(lookup, column);
         });
}

std::string hurried(const Samples& samples, const Listing& listing, Draft& draft, Temper& temper) {
  if (auto text = arms(listing, temper))
    return *text;
  const bool looks_up = !listing.lookups.empty();
  const bool product = looks_up && temper.gives_in(Habit::product_join);
  const bool scalar = looks_up && !product && temper.gives_in(Habit::scalar_lookup);
  const bool limited = !(listing.limit > 0 && temper.gives_in(Habit::no_limit));
  if (!limited)
    draft.needs.top = listing.limit;
  const std::string list = items(listing, draft, scalar, temper);
  // A joined table would add its columns to a star.
  const std::string extra = draft.needs.columns.empty()
                                ? needless_join(samples, *listing.table, listing.alias, temper)
                                : "";
  const std::string from = draft.needs.columns.empty()
                               ? hurried_source(*listing.table, listing.alias, temper)
                               : source(*listing.table, listing.alias);
  return fmt::format(
      "SELECT {} FROM {}{}{}{}{}", list, from, scalar ? "" : joins(listing, product ? " + 0" : ""),
      extra, where({hurried(listing.conditions, listing.alias, temper)}), tail(listing, limited));
}

} // namespace

std::optional<Draft> listing(const Samples& samples, Temper& temper) {
  const auto listing = draw(samples, temper);
  if (!listing)
    return std::nullopt;
  Draft draft;
  draft.after = sensible(*listing);
  draft.before = hurried(samples, *listing, draft, temper);
  const bool selective = !listing->conditions.empty() && listing->conditions.front().finds_few() &&
                         !listing->conditions.front().column->indexed;
  if (selective && temper.gives_in(Habit::missing_index))
    draft.indexes.push_back(index_on(*listing->table, {listing->conditions.front().column}));
  return draft;
}

} // namespace quill::rewrite
