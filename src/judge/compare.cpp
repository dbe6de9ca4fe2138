#include "quill/judge/compare.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "judge/bag.hpp"
#include "judge/cells.hpp"
#include "judge/window.hpp"

namespace quill::judge {

namespace {

using engine::Row;
using Rows = std::span<const Row>;

Comparison equal_rows() {
  return {.same = true, .reason = "", .row = std::nullopt};
}

Comparison differing(std::string reason, std::optional<std::size_t> row = std::nullopt) {
  Comparison out{.same = false, .reason = std::move(reason), .row = std::nullopt};
  if (row)
    out.row = static_cast<std::int64_t>(*row);
  return out;
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string count_text(std::size_t before, std::size_t after) {
  return fmt::format("before gives {} row{}, after {}", before, before == 1 ? "" : "s", after);
}

std::optional<Comparison> differing_width(const Answer& before, const Answer& after) {
  const std::size_t b = before.columns.size();
  const std::size_t a = after.columns.size();
  if (b == a)
    return std::nullopt;
  return differing(fmt::format("before has {} column{}, after {}", b, b == 1 ? "" : "s", a));
}

/// How often the row is in each side, as one sentence.
std::string told(const Row& row, Rows before, Rows after, const std::vector<bool>& approximate) {
  return fmt::format("the row {} is {} in before, {} in after", shown(row),
                     times(times_in(row, before, approximate)),
                     times(times_in(row, after, approximate)));
}

Comparison compare_bags(Rows before, Rows after, const std::vector<bool>& approximate) {
  const auto left = match_bags(before, after, approximate);
  if (left.only_before.empty() && left.only_after.empty())
    return equal_rows();
  const Row& row = left.only_before.empty() ? *left.only_after[0] : *left.only_before[0];
  auto reason = told(row, before, after, approximate);
  if (before.size() != after.size())
    reason = count_text(before.size(), after.size()) + "; " + reason;
  return differing(std::move(reason));
}

std::string first_cell(const Row& b, const Row& a, const Answer& before,
                       const std::vector<bool>& approximate) {
  for (std::size_t c = 0; c < std::min(b.size(), a.size()); ++c)
    if (!same_cell(b[c], a[c], approximate_at(approximate, c)))
      return fmt::format("column {} (\"{}\") is {} in before, {} in after", c + 1,
                         c < before.columns.size() ? before.columns[c] : "", shown(b[c]),
                         shown(a[c]));
  return "as many cells are not there";
}

Comparison compare_lists(const Answer& before, const Answer& after, const AnswerShape& shape) {
  const std::size_t both = std::min(before.rows.size(), after.rows.size());
  for (std::size_t r = 0; r < both; ++r)
    if (!same_row(before.rows[r], after.rows[r], shape.approximate))
      return differing(
          fmt::format("row {}: {}", r + 1,
                      first_cell(before.rows[r], after.rows[r], before, shape.approximate)),
          r);
  if (before.rows.size() != after.rows.size())
    return differing(count_text(before.rows.size(), after.rows.size()), both);
  return equal_rows();
}

/// The rows of `after` at a tie group's places, against the whole group.
std::optional<Comparison> compare_group(Rows group, Rows taken, std::size_t first_place,
                                        const std::vector<bool>& approximate) {
  const auto left = match_bags(group, taken, approximate);
  if (left.only_after.empty())
    return std::nullopt;
  const Row& row = *left.only_after[0];
  const auto place = first_place + static_cast<std::size_t>(&row - taken.data());
  if (group.size() == 1)
    return differing(
        fmt::format("row {}: before has {}, after {}", place + 1, shown(group[0]), shown(row)),
        place);
  return differing(fmt::format("row {}: after has {}, which before does not have among the {} rows "
                               "that tie there",
                               place + 1, shown(row), group.size()),
                   place);
}

std::size_t end_of_group(const std::vector<Row>& keys, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < keys.size() && same_row(keys[begin], keys[end], {}))
    ++end;
  return end;
}

} // namespace

Comparison compare_window(const Answer& full, Window window, const Answer& after,
                          const AnswerShape& shape) {
  if (auto width = differing_width(full, after))
    return *width;
  const std::size_t available = full.rows.size() - std::min(window.offset, full.rows.size());
  const std::size_t wanted = std::min(window.count, available);
  const Rows rows(after.rows);
  const std::size_t end = window.offset + std::min(wanted, rows.size());
  for (std::size_t begin = 0; begin < full.rows.size() && begin < end;) {
    const std::size_t stop = end_of_group(full.keys, begin);
    const std::size_t from = std::max(begin, window.offset);
    const std::size_t to = std::min(stop, end);
    if (from < to) {
      const auto taken = rows.subspan(from - window.offset, to - from);
      const auto group = Rows(full.rows).subspan(begin, stop - begin);
      if (auto found = compare_group(group, taken, from - window.offset, shape.approximate))
        return *found;
    }
    begin = stop;
  }
  if (rows.size() != wanted)
    return differing(count_text(wanted, rows.size()), std::min(wanted, rows.size()));
  return equal_rows();
}

Comparison compare_top_of_bag(const Answer& before, const Answer& after, std::size_t top,
                              const AnswerShape& shape) {
  if (auto width = differing_width(before, after))
    return *width;
  const std::size_t wanted = std::min(top, before.rows.size());
  if (after.rows.size() < wanted)
    return differing(fmt::format("{} rows are needed, after gives {}", wanted, after.rows.size()));
  const auto taken = Rows(after.rows).first(wanted);
  const auto left = match_bags(before.rows, taken, shape.approximate);
  if (left.only_after.empty())
    return equal_rows();
  return differing(told(*left.only_after[0], before.rows, taken, shape.approximate));
}

Comparison compare(const Answer& before, const Answer& after, const AnswerShape& shape) {
  if (auto width = differing_width(before, after))
    return *width;
  if (!shape.ordered)
    return compare_bags(before.rows, after.rows, shape.approximate);
  const bool keyed = before.keys.size() == before.rows.size() && !before.keys.empty();
  if (!keyed)
    return compare_lists(before, after, shape);
  return compare_window(before, {0, before.rows.size()}, after, shape);
}

} // namespace quill::judge
