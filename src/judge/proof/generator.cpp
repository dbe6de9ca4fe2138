#include "judge/proof/generator.hpp"

#include <algorithm>

namespace quill::judge::proof {

namespace {

constexpr std::size_t kHintsMax = 40;

} // namespace

Generator::Generator(Model& model, const Aim& aim, std::uint64_t seed)
    : model_(model), aim_(aim), rng_(seed) {
  learn_columns_of_unknown();
}

/// Where no condition can be followed (a query that is only text), every column of a fitting kind
/// hears of every constant.
void Generator::learn_columns_of_unknown() {
  if (aim_.before != nullptr && aim_.after != nullptr)
    return;
  for (std::size_t t = 0; t < model_.tables.size(); ++t)
    for (std::size_t c = 0; aim_.read[t] && c < model_.tables[t].columns.size(); ++c)
      for (const auto& value : aim_.constants) {
        const auto& column = model_.tables[t].columns[c];
        auto& hints = hints_[{t, c}];
        if (hints.size() < kHintsMax && as_kind(value, column.kind, column.typed_date))
          hints.push_back(value);
      }
}

void Generator::learn(const Solver::Hints& hints) {
  for (const auto& [place, values] : hints) {
    auto& known = hints_[place];
    for (const auto& value : values)
      if (known.size() < kHintsMax && std::find(known.begin(), known.end(), value) == known.end())
        known.push_back(value);
  }
}

Generator::Style Generator::style_of(std::int64_t number, Rng& rng) const {
  Style style;
  style.witnesses = 1 + rng.below(2);
  switch (number % 10) {
  case 0:
  case 1:
  case 2: // what the queries look for, cleanly
    style.witness.miss = 0.03;
    style.fill = {.null_chance = 0.05, .extra_rows = rng.below(3), .nudge = 0};
    break;
  case 3:
  case 4: // nearly what they look for
    style.witness.miss = 0.2;
    style.witnesses = 2 + rng.below(3);
    style.fill = {
        .null_chance = 0.25, .variety = 2, .extra_rows = 3, .duplicate = 0.25, .nudge = 0.08};
    break;
  case 5: // anything small
    style.witnesses = 0;
    style.fill = {.null_chance = 0.2,
                  .variety = 2 + rng.below(2),
                  .hint_chance = 0.6,
                  .extra_rows = 6,
                  .duplicate = 0.2};
    break;
  case 6: // more rows, few values
    style.witness.copies_max = 9;
    style.fill = {.null_chance = 0.1, .variety = 3, .hint_chance = 0.5, .extra_rows = 14};
    break;
  case 7: // all values differ
    style.fill = {.null_chance = 0,
                  .hint_chance = 0,
                  .extra_rows = 6,
                  .duplicate = 0,
                  .nudge = 0,
                  .distinct = true};
    break;
  case 8: // one side of joins missing
    style.witness.miss = 0.1;
    style.emptied = 0.35;
    style.fill = {.null_chance = 0.4, .variety = 2, .extra_rows = 3};
    break;
  default: // groups and lists of a size
    style.witness.copies_max = 4;
    style.fill = {.null_chance = 0.1,
                  .variety = 2,
                  .hint_chance = 0.7,
                  .extra_rows = 2,
                  .duplicate = 0.4,
                  .nudge = 0.04};
    style.witnesses = 2 + rng.below(4);
  }
  if (!aim_.cuts.empty() && rng.chance(0.5))
    style.fill.extra_rows =
        static_cast<std::size_t>(rng.pick(aim_.cuts)) + 2 + style.fill.extra_rows;
  return style;
}

Database Generator::database(std::int64_t number, const std::vector<Mutant>& alive) {
  Database empty;
  empty.rows.resize(model_.tables.size());
  if (number == 0)
    return empty;
  Rng rng = rng_.child("database", static_cast<std::uint64_t>(number));
  const Style style = style_of(number, rng);
  Witness witness(model_, *aim_.declared, rng, style.witness);
  for (std::size_t i = 0; i < style.witnesses; ++i) {
    const double choice = rng.uniform();
    const sql::Query* query = choice < 0.4 || aim_.after == nullptr ? aim_.before : aim_.after;
    if (choice > 0.7 && !alive.empty())
      query = rng.pick(alive).tree.get();
    if (query != nullptr)
      witness.add(*query);
  }
  for (const auto& [table, checks] : aim_.declared->checks)
    for (auto extra = rng.below(style.fill.extra_rows + 1); aim_.read[table] && extra > 0; --extra)
      witness.add_row(table);
  const auto made = witness.rows();
  learn(witness.hints());
  auto read = aim_.read;
  for (const auto& [table, checks] : aim_.declared->checks)
    read[table] = false; // its rows are made with the CHECKs in mind
  auto database =
      fill({.model = model_, .read = read, .hints = hints_, .style = style.fill}, made, rng);
  for (auto& rows : database.rows)
    if (rng.chance(style.emptied))
      rows.clear();
  make_legal(model_, database);
  return database;
}

} // namespace quill::judge::proof
