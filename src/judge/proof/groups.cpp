// Groups of a made-up answer: as many rows, sums and averages as HAVING and its like ask for.
#include <algorithm>
#include <cmath>

#include "judge/proof/witness.hpp"

namespace quill::judge::proof {

namespace {

using engine::Value;

/// More copies than this are made only when their number was asked for.
constexpr std::size_t kAskedCopiesMax = 130;
constexpr std::size_t kGroupsMax = 60;

/// A whole number that stands to `value` as `op` says, or just not.
double target_of(const std::string& op, double value, bool boundary, Rng& rng) {
  if (boundary && rng.chance(0.7))
    return value + static_cast<double>(rng.between(-1, 1));
  if (op == ">" || op == ">=")
    return value + static_cast<double>(rng.between(1, 3));
  if (op == "<" || op == "<=")
    return value - static_cast<double>(rng.between(1, 3));
  return value;
}

} // namespace

void Witness::finish_groups() {
  for (; groups_finished_ < groups_.size() && groups_finished_ < kGroupsMax; ++groups_finished_)
    if (!exhausted())
      finish(groups_[groups_finished_]);
}

std::size_t Witness::copies_for(const Group& group) {
  for (const auto& wish : group.wishes) {
    const auto number = number_of(wish.value);
    const bool counts = wish.aggregate.function == "count" ||
                        (wish.aggregate.function == "sum" && wish.aggregate.cell < 0);
    if (!counts || !number || !style_.boundary)
      continue;
    const double wanted = target_of(wish.op, *number, true, rng_);
    if (wanted >= 1 && wanted <= static_cast<double>(kAskedCopiesMax))
      return static_cast<std::size_t>(wanted) +
             (wish.aggregate.distinct && rng_.chance(0.5) ? rng_.below(3) : 0);
  }
  const bool range = std::any_of(group.wishes.begin(), group.wishes.end(), [](const Wish& wish) {
    return wish.aggregate.function == "range";
  });
  return (range ? 2 : 1) + rng_.below(style_.copies_max);
}

void Witness::finish(Group& group) {
  const std::size_t copies = copies_for(group);
  // groups_ may grow below. NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const Group asked = group;
  std::vector<std::vector<Term>> arguments(asked.wishes.size());
  for (std::size_t w = 0; w < asked.wishes.size(); ++w)
    arguments[w].push_back(asked.wishes[w].aggregate);
  const bool values_alike = rng_.chance(0.3);
  for (std::size_t copy = 1; copy < copies && !exhausted(); ++copy) {
    Env& env = make_env(asked.outer);
    env.items = &asked.select->items;
    env.depth = asked.first->depth;
    build_from(*asked.select->from, env,
               copies > 12 && asked.first->leaves.size() > 1 ? asked.first
               : rng_.chance(0.6)                            ? asked.first
                                                             : nullptr);
    if (asked.select->where)
      assume(*asked.select->where, env, true);
    for (const auto& item : asked.select->items)
      if (rng_.chance(0.4))
        look_into(*item.expr, env);
    for (const auto& wish : asked.wishes)
      if (wish.aggregate.argument != nullptr && wish.aggregate.cell < 0 && rng_.chance(0.9))
        look_into(*wish.aggregate.argument, env);
    Env& first = const_cast<Env&>(*asked.first);
    if (rng_.chance(asked.keys_alike))
      for (const auto* key : asked.keys) {
        const auto mine = term(*key, env);
        const auto theirs = term(*key, first);
        if (mine.kind == Term::Kind::cell && theirs.kind == Term::Kind::cell)
          solver_.unify(mine.cell, theirs.cell);
      }
    for (std::size_t a = 0; values_alike && a < asked.arguments.size(); ++a) {
      const auto mine = term(*asked.arguments[a], env);
      const auto theirs = term(*asked.arguments[a], first);
      if (mine.kind == Term::Kind::cell && theirs.kind == Term::Kind::cell && rng_.chance(0.5))
        solver_.unify(mine.cell, theirs.cell);
    }
    for (std::size_t w = 0; w < asked.wishes.size(); ++w) {
      // The same place of the same leaf in this copy.
      const auto& wanted = asked.wishes[w].aggregate;
      for (std::size_t l = 0; l < std::min(env.leaves.size(), asked.first->leaves.size()); ++l)
        for (std::size_t c = 0;
             c < std::min(env.leaves[l].outputs.size(), asked.first->leaves[l].outputs.size()); ++c)
          if (wanted.cell >= 0 && asked.first->leaves[l].outputs[c].second.cell == wanted.cell)
            arguments[w].push_back(env.leaves[l].outputs[c].second);
    }
  }
  for (std::size_t w = 0; w < asked.wishes.size(); ++w)
    grant(asked.wishes[w], arguments[w]);
}

/// Gives the cells under an aggregate what makes it reach the wished value, or just miss it.
void Witness::grant(const Wish& wish, const std::vector<Term>& arguments) {
  const auto& function = wish.aggregate.function;
  std::vector<int> cells;
  for (const auto& argument : arguments)
    if (argument.cell >= 0 && std::none_of(cells.begin(), cells.end(), [&](int cell) {
          return solver_.root(cell) == solver_.root(argument.cell);
        }))
      cells.push_back(argument.cell);
  if (cells.empty() || is_null(wish.value))
    return;
  const auto number = number_of(wish.value);
  if (function == "min" || function == "max") {
    const std::size_t hit = rng_.below(cells.size());
    solver_.require(cells[hit], {}, wish.op, wish.value);
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (i != hit && rng_.chance(0.5))
        solver_.require(cells[i], {}, negated(wish.op), wish.value);
  } else if (function == "range" && number && cells.size() > 1) {
    const double target = target_of(wish.op, *number, style_.boundary, rng_);
    solver_.require(cells[0], {}, "=", Value(std::int64_t{1}));
    solver_.require(cells[1], {}, "=", Value(static_cast<std::int64_t>(target) + 1));
    for (std::size_t i = 2; i < cells.size(); ++i)
      solver_.require(cells[i], {}, "=", Value(std::int64_t{1}));
  } else if ((function == "sum" || function == "total") && number && std::abs(*number) < 1e12) {
    const double target = target_of(wish.op, *number, style_.boundary, rng_);
    const double each = std::floor(target / static_cast<double>(cells.size()));
    double rest = target;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double share = i + 1 == cells.size() ? rest : each;
      rest -= share;
      solver_.require(cells[i], {}, "=",
                      std::floor(share) == share ? Value(static_cast<std::int64_t>(share))
                                                 : Value(share));
    }
  } else if (function == "avg" && number && std::abs(*number) < 1e12) {
    const double target = target_of(wish.op, *number, style_.boundary, rng_);
    const bool spread = rng_.chance(0.5);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool paired = spread && (i ^ 1U) < cells.size();
      const double value = target + (paired ? (i % 2 == 0 ? 1 : -1) : 0);
      solver_.require(cells[i], {}, "=",
                      std::floor(value) == value ? Value(static_cast<std::int64_t>(value))
                                                 : Value(value));
    }
  } else if (function == "count") {
    if (!wish.aggregate.distinct && rng_.chance(0.35))
      solver_.require_null(cells[rng_.below(cells.size())], true);
    const bool distinct = wish.aggregate.distinct && rng_.chance(0.6);
    for (std::size_t i = 1; distinct && i < cells.size(); ++i)
      solver_.require(cells[i], {}, "=", Value(static_cast<std::int64_t>(i)));
    if (!distinct && rng_.chance(0.5))
      for (std::size_t i = 1; i < cells.size(); ++i)
        if (rng_.chance(0.7))
          solver_.unify(cells[0], cells[i]);
  }
}

} // namespace quill::judge::proof
