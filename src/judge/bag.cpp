#include "judge/bag.hpp"

#include <algorithm>

#include "judge/cells.hpp"

namespace quill::judge {

namespace {

using engine::Row;
using Pointers = std::vector<const Row*>;

/// Pairs tried one by one among the rows that rounding set apart; such rows are rare.
constexpr std::size_t kPairsMax = 20'000'000;

Pointers sorted(std::span<const Row> rows, const std::vector<bool>& approximate) {
  Pointers out;
  out.reserve(rows.size());
  for (const Row& row : rows)
    out.push_back(&row);
  std::stable_sort(out.begin(), out.end(), [&](const Row* a, const Row* b) {
    return rounded_order_of(*a, *b, approximate) < 0;
  });
  return out;
}

/// Walks both sorted lists at once; rows without a partner at the same place are left over.
BagDifference merged(const Pointers& before, const Pointers& after,
                     const std::vector<bool>& approximate) {
  BagDifference left;
  auto b = before.begin();
  auto a = after.begin();
  while (b != before.end() && a != after.end()) {
    const int order = rounded_order_of(**b, **a, approximate);
    const bool paired = order == 0 && same_row(**b, **a, approximate);
    if (order <= 0 && !paired)
      left.only_before.push_back(*b);
    if (order >= 0 && !paired)
      left.only_after.push_back(*a);
    b += order <= 0 ? 1 : 0;
    a += order >= 0 ? 1 : 0;
  }
  left.only_before.insert(left.only_before.end(), b, before.end());
  left.only_after.insert(left.only_after.end(), a, after.end());
  return left;
}

/// Greedy: takes the first free partner. Within 1e-9 chains of neighbours are not met in practice.
void match_leftovers(BagDifference& left, const std::vector<bool>& approximate) {
  auto& free = left.only_before;
  Pointers alone;
  for (const Row* row : left.only_after) {
    const auto partner = std::find_if(free.begin(), free.end(), [&](const Row* candidate) {
      return same_row(*candidate, *row, approximate);
    });
    if (partner == free.end())
      alone.push_back(row);
    else
      free.erase(partner);
  }
  left.only_after = std::move(alone);
}

} // namespace

BagDifference match_bags(std::span<const Row> before, std::span<const Row> after,
                         const std::vector<bool>& approximate) {
  auto left = merged(sorted(before, approximate), sorted(after, approximate), approximate);
  const bool any_approximate =
      std::find(approximate.begin(), approximate.end(), true) != approximate.end();
  if (!any_approximate || left.only_after.empty() || left.only_before.empty())
    return left;
  if (left.only_after.size() > kPairsMax / left.only_before.size())
    left.too_many = true;
  else
    match_leftovers(left, approximate);
  return left;
}

std::size_t times_in(const Row& row, std::span<const Row> rows,
                     const std::vector<bool>& approximate) {
  return static_cast<std::size_t>(std::count_if(
      rows.begin(), rows.end(), [&](const Row& r) { return same_row(r, row, approximate); }));
}

} // namespace quill::judge
