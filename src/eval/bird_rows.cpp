#include "eval/bird_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "eval/python_value.hpp"

namespace quill::eval {

namespace {

using Line = std::vector<std::uint32_t>; ///< a row's Cell::value

std::vector<Line> lines_of(const Grid& grid) {
  std::vector<Line> lines;
  for (const auto& row : grid) {
    auto& line = lines.emplace_back();
    for (const Cell& cell : row)
      line.push_back(cell.value);
  }
  return lines;
}

/// Without repetitions, in order of first appearance.
std::vector<Line> distinct(const std::vector<Line>& lines) {
  std::set<Line> seen;
  std::vector<Line> out;
  for (const Line& line : lines)
    if (seen.insert(line).second)
      out.push_back(line);
  return out;
}

std::int64_t count_in(const Line& values, const Line& row) {
  return std::count_if(values.begin(), values.end(), [&](std::uint32_t value) {
    return std::find(row.begin(), row.end(), value) != row.end();
  });
}

/// Shares of cells: in both, in the prediction alone, in the gold row alone.
struct Shares {
  double matched = 0, predicted_only = 0, gold_only = 0;

  void add_pair(const Line& gold, const Line& predicted) {
    const auto columns = static_cast<double>(gold.size());
    const auto found = static_cast<double>(count_in(predicted, gold));
    matched += found / columns;
    predicted_only += (static_cast<double>(predicted.size()) - found) / columns;
    gold_only += (columns - static_cast<double>(count_in(gold, predicted))) / columns;
  }
  [[nodiscard]] double f1() const {
    const auto share = [](double part, double rest) {
      return part + rest > 0 ? part / (part + rest) : 0;
    };
    const double precision = share(matched, predicted_only), recall = share(matched, gold_only);
    return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
  }
};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

bool bird_same_rows(const std::vector<engine::Row>& gold,
                    const std::vector<engine::Row>& predicted) {
  CellNumbers numbers;
  const auto gold_lines = lines_of(numbers.grid(gold));
  const std::set<Line> expected(gold_lines.begin(), gold_lines.end());
  std::set<Line> found;
  for (const engine::Row& row : predicted) { // one at a time: a wrong one ends it
    const Line line = lines_of(numbers.grid({row})).front();
    if (!expected.contains(line))
      return false;
    found.insert(line);
  }
  return found.size() == expected.size();
}

double bird_soft_f1(const std::vector<engine::Row>& gold,
                    const std::vector<engine::Row>& predicted) {
  if (gold.empty() && predicted.empty())
    return 1;
  CellNumbers numbers;
  const auto gold_lines = distinct(lines_of(numbers.grid(gold)));
  const auto predicted_lines = distinct(lines_of(numbers.grid(predicted)));
  const std::size_t pairs = std::min(gold_lines.size(), predicted_lines.size());
  Shares shares{.predicted_only = static_cast<double>(predicted_lines.size() - pairs),
                .gold_only = static_cast<double>(gold_lines.size() - pairs)};
  for (std::size_t i = 0; i < pairs; ++i)
    shares.add_pair(gold_lines[i], predicted_lines[i]);
  return shares.f1();
}

double mean_time_ratio(const std::vector<double>& ratios) {
  if (ratios.empty())
    return 0;
  const double middle = mean(ratios);
  double squares = 0;
  for (const double ratio : ratios)
    squares += (ratio - middle) * (ratio - middle);
  const double spread = 3 * std::sqrt(squares / static_cast<double>(ratios.size()));
  std::vector<double> usual;
  std::copy_if(ratios.begin(), ratios.end(), std::back_inserter(usual),
               [&](double ratio) { return std::fabs(ratio - middle) < spread; });
  return usual.empty() ? middle : mean(usual);
}

double ves(double time_ratio) {
  return 100 * std::sqrt(time_ratio);
}

double r_ves(double time_ratio) {
  const double reward = time_ratio <= 0      ? 0
                        : time_ratio >= 2    ? 1.25
                        : time_ratio >= 1    ? 1
                        : time_ratio >= 0.5  ? 0.75
                        : time_ratio >= 0.25 ? 0.5
                                             : 0.25;
  return 100 * std::sqrt(reward);
}

} // namespace quill::eval
