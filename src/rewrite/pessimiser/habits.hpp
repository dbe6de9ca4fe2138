// The habits that make a query slow, and who gives in to them.
#pragma once

#include <string_view>
#include <vector>

#include "quill/core/random.hpp"

namespace quill::rewrite {

enum class Habit {
  select_star,
  no_limit,
  or_chain,
  function_on_column,
  needless_distinct,
  distinct_inside,
  needless_join,
  numbered_inside,
  scalar_lookup,
  product_join,
  join_then_group,
  correlated_aggregate,
  scan_each,
  count_for_exists,
  correlated_member,
  join_and_distinct,
  repeated_arms,
  correlated_extreme,
  correlated_average,
  correlated_rank,
  correlated_running,
  missing_index,
};

/// How much a habit costs, roughly: a factor of a few, of tens, or the size of a table.
enum class Strength { light, heavy, pathological };

struct HabitWords {
  Habit habit;
  std::string_view name;   ///< "or-chain"
  std::string_view mended; ///< rule that undoes it, as in all_rules() where there is one
  std::string_view type;   ///< of that rule
  Strength strength;
  std::string_view why; ///< one sentence: what was slow and why the rows stay
};
[[nodiscard]] const std::vector<HabitWords>& all_habits();
[[nodiscard]] const HabitWords& words_of(Habit habit);

/// Somebody in a hurry: gives in to habits by chance, and remembers to which.
class Temper {
 public:
  Temper(Rng rng, Strength taste) : rng_(rng), taste_(taste) {}
  /// A heavy taste gives in to heavy habits more often.
  bool gives_in(Habit habit);
  /// By necessity.
  void takes(Habit habit);
  [[nodiscard]] const std::vector<Habit>& used() const noexcept { return used_; }
  [[nodiscard]] Strength taste() const noexcept { return taste_; }
  Rng& rng() noexcept { return rng_; }

 private:
  Rng rng_;
  Strength taste_;
  std::vector<Habit> used_;
};

} // namespace quill::rewrite
