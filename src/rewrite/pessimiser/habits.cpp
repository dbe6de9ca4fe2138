#include "rewrite/pessimiser/habits.hpp"

#include <algorithm>
#include <array>

#include "quill/core/error.hpp"
#include "quill/rewrite/pessimise.hpp"

namespace quill::rewrite {

namespace {

/// Chance of giving in, by taste (rows) and strength of the habit (columns).
constexpr std::array<std::array<double, 3>, 3> kChance{{
    {0.45, 0.25, 0.01},
    {0.35, 0.70, 0.05},
    {0.30, 0.85, 0.25},
}};

} // namespace

const std::vector<HabitWords>& all_habits() {
  using enum Strength;
  static const std::vector<HabitWords> habits{
      {Habit::select_star, "select-star", "unneeded-columns", "projection", light,
       "Only the columns that are used are read, not all of them."},
      {Habit::no_limit, "no-limit", "unneeded-rows", "limit", light,
       "Only the first rows are used, so the sort keeps no more than those."},
      {Habit::or_chain, "or-chain", "or-chain-to-in", "redundancy", light,
       "The chain of ORs over one column is one IN list, looked up once a row."},
      {Habit::function_on_column, "function-on-column", "bare-column", "redundancy", light,
       "The column is compared as it is: no function is called for each row, and an index could "
       "serve."},
      {Habit::needless_distinct, "needless-distinct", "redundant-distinct", "redundancy", light,
       "The answer holds a key, so no two rows are equal and DISTINCT only sorted them."},
      {Habit::distinct_inside, "distinct-inside", "redundant-distinct", "redundancy", heavy,
       "The table has a key, so DISTINCT over its rows kept every one; read directly, they are "
       "filtered first."},
      {Habit::needless_join, "needless-join", "unused-left-join", "join", light,
       "The joined table gave no column, and by its key no row twice: it goes."},
      {Habit::numbered_inside, "numbered-inside", "filter-first", "redundancy", heavy,
       "The row numbers were used nowhere, yet every row was numbered before it was filtered."},
      {Habit::scalar_lookup, "scalar-lookup", "scalar-lookup-to-join", "join", light,
       "One LEFT JOIN by the key gives all columns of the parent row; a missing parent gives NULLs "
       "both ways."},
      {Habit::product_join, "product-join", "bare-join-key", "join", pathological,
       "The join compares the keys as they are, so a row is found by its key; with arithmetic on "
       "the key each row was compared with each."},
      {Habit::join_then_group, "join-then-group", "aggregate-before-join", "join", light,
       "The child rows are grouped before the join, so the join meets one row for each key."},
      {Habit::correlated_aggregate, "correlated-aggregate", "scalar-aggregate-to-join", "join",
       heavy,
       "The aggregates are computed once for all keys and joined; no match gives a count of 0 and "
       "NULL for the others, as before."},
      {Habit::scan_each, "scan-each", "scalar-scans-to-one", "redundancy", light,
       "One pass computes all numbers at once instead of one pass for each."},
      {Habit::count_for_exists, "count-for-exists", "count-to-exists", "join", heavy,
       "Whether there is a row is told by one IN over all keys; nothing is counted for each row."},
      {Habit::correlated_member, "correlated-member", "exists-to-in", "join", heavy,
       "The sub-query does not depend on the row any more: it runs once and is looked up."},
      {Habit::join_and_distinct, "join-and-distinct", "distinct-join-to-in", "join", light,
       "The join only multiplied rows that DISTINCT took back; IN keeps each row once."},
      {Habit::repeated_arms, "repeated-arms", "union-to-in", "redundancy", light,
       "One pass with an IN list stands for one pass for each value; the key keeps rows apart, so "
       "UNION removed none."},
      {Habit::correlated_extreme, "correlated-extreme", "greatest-per-group-to-join", "join", heavy,
       "The greatest value of each group is computed once for all groups, not for each row."},
      {Habit::correlated_average, "correlated-average", "scalar-aggregate-to-join", "join", heavy,
       "The average of each group is computed once for all groups, not for each row."},
      {Habit::correlated_rank, "correlated-rank", "running-aggregate-to-window", "join", heavy,
       "A window ranks each group in one sort; counting the greater ones read the group for each "
       "row. Ties share a rank both ways."},
      {Habit::correlated_running, "correlated-running", "running-aggregate-to-window", "join",
       heavy,
       "A window adds up each group in one pass; the sum over all earlier rows was taken again for "
       "each row."},
      {Habit::missing_index, "missing-index", "index", "indexing", heavy,
       "The index finds the rows that the condition asks for; before, every row was read."},
  };
  return habits;
}

const HabitWords& words_of(Habit habit) {
  const auto& habits = all_habits();
  const auto found = std::find_if(habits.begin(), habits.end(),
                                  [&](const HabitWords& words) { return words.habit == habit; });
  QUILL_CHECK(found != habits.end(), "every habit stands in the table");
  return *found;
}

std::vector<std::string> habit_names() {
  std::vector<std::string> names;
  for (const HabitWords& words : all_habits())
    names.emplace_back(words.name);
  return names;
}

bool Temper::gives_in(Habit habit) {
  const auto strength = static_cast<std::size_t>(words_of(habit).strength);
  if (!rng_.chance(kChance.at(static_cast<std::size_t>(taste_)).at(strength)))
    return false;
  takes(habit);
  return true;
}

void Temper::takes(Habit habit) {
  if (std::find(used_.begin(), used_.end(), habit) == used_.end())
    used_.push_back(habit);
}

} // namespace quill::rewrite
