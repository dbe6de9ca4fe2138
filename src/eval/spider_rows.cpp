#include "eval/spider_rows.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "eval/python_value.hpp"

namespace quill::eval {

namespace {

using Column = std::vector<std::uint32_t>; ///< Cell::value, row by row

std::vector<Column> columns_of(const Grid& grid) {
  std::vector<Column> columns(grid.front().size());
  for (const auto& row : grid)
    for (std::size_t i = 0; i < row.size(); ++i)
      columns[i].push_back(row[i].value);
  return columns;
}

/// The row's values in the order of their sort keys.
Column without_order(std::vector<Cell> row, const CellNumbers& numbers) {
  std::stable_sort(row.begin(), row.end(), [&](const Cell& a, const Cell& b) {
    return numbers.sort_key(a.shown) < numbers.sort_key(b.shown);
  });
  Column values;
  for (const Cell& cell : row)
    values.push_back(cell.value);
  return values;
}

/// The scorer's first test. It sorts by what a cell looks like, so that 1 and 1.0, which are equal,
/// may land in different places: then the official answer is no, and so is this one.
bool may_be_same(const Grid& gold, const Grid& predicted, const CellNumbers& numbers,
                 bool order_matters) {
  const auto rows = [&](const Grid& grid) {
    std::vector<Column> out;
    for (const auto& row : grid)
      out.push_back(without_order(row, numbers));
    return out;
  };
  const auto a = rows(gold), b = rows(predicted);
  if (order_matters)
    return a == b;
  return std::set<Column>(a.begin(), a.end()) == std::set<Column>(b.begin(), b.end());
}

/// Looks for an order of the predicted columns under which the bags of rows are equal. Rows are
/// kept in groups by the columns placed so far; a column may come next only when every group then
/// splits alike on both sides.
class ColumnSearch {
 public:
  ColumnSearch(std::vector<Column> gold, std::vector<Column> predicted)
      : gold_(std::move(gold)), predicted_(std::move(predicted)), used_(predicted_.size(), false) {
    std::map<Column, std::size_t> classes;
    for (const Column& column : predicted_)
      class_.push_back(classes.try_emplace(column, classes.size()).first->second);
  }

  bool found() {
    const std::size_t rows = gold_.front().size();
    return place(0, Column(rows, 0), Column(rows, 0));
  }

 private:
  /// Row visits; a second or two of work.
  static constexpr std::int64_t kBudget = 100'000'000;

  bool place(std::size_t at, const Column& gold_groups, const Column& predicted_groups) {
    if (at == gold_.size())
      return true;
    std::set<std::size_t> tried; // equal columns have equal futures
    for (std::size_t i = 0; i < predicted_.size(); ++i) {
      if (used_[i] || !tried.insert(class_[i]).second)
        continue;
      spent_ += static_cast<std::int64_t>(2 * gold_groups.size());
      if (spent_ > kBudget)
        return false;
      Column next_gold, next_predicted;
      if (!split(gold_[at], gold_groups, predicted_[i], predicted_groups, next_gold,
                 next_predicted))
        continue;
      used_[i] = true;
      if (place(at + 1, next_gold, next_predicted))
        return true;
      used_[i] = false;
    }
    return false;
  }

  /// New groups of both sides; false when they are not alike.
  static bool split(const Column& gold, const Column& gold_groups, const Column& predicted,
                    const Column& predicted_groups, Column& next_gold, Column& next_predicted) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> numbers;
    std::vector<std::int64_t> sizes;
    for (std::size_t row = 0; row < gold.size(); ++row) {
      const auto [found, fresh] = numbers.try_emplace({gold_groups[row], gold[row]},
                                                      static_cast<std::uint32_t>(sizes.size()));
      if (fresh)
        sizes.push_back(0);
      ++sizes[found->second];
      next_gold.push_back(found->second);
    }
    for (std::size_t row = 0; row < predicted.size(); ++row) {
      const auto found = numbers.find({predicted_groups[row], predicted[row]});
      if (found == numbers.end() || --sizes[found->second] < 0)
        return false;
      next_predicted.push_back(found->second);
    }
    return true;
  }

  std::vector<Column> gold_, predicted_;
  std::vector<bool> used_;
  std::vector<std::size_t> class_; ///< of a predicted column: equal ones have the same
  std::int64_t spent_ = 0;
};

/// With the rows in order, an order of columns exists when both sides hold the same columns.
bool same_columns(std::vector<Column> gold, std::vector<Column> predicted) {
  std::sort(gold.begin(), gold.end());
  std::sort(predicted.begin(), predicted.end());
  return gold == predicted;
}

} // namespace

bool spider_same_rows(const std::vector<engine::Row>& gold,
                      const std::vector<engine::Row>& predicted, bool order_matters) {
  if (gold.empty() && predicted.empty())
    return true;
  if (gold.size() != predicted.size() || gold.front().size() != predicted.front().size())
    return false;
  CellNumbers numbers;
  const Grid gold_grid = numbers.grid(gold), predicted_grid = numbers.grid(predicted);
  if (!may_be_same(gold_grid, predicted_grid, numbers, order_matters))
    return false;
  auto gold_columns = columns_of(gold_grid), predicted_columns = columns_of(predicted_grid);
  if (order_matters)
    return same_columns(std::move(gold_columns), std::move(predicted_columns));
  return ColumnSearch(std::move(gold_columns), std::move(predicted_columns)).found();
}

} // namespace quill::eval
