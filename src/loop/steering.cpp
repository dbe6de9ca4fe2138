#include "loop/steering.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace quill::loop {

namespace {

std::int64_t count_of(const Counts& counts, std::string_view name) {
  const auto found = std::find_if(counts.begin(), counts.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == counts.end() ? 0 : found->second;
}

} // namespace

const std::vector<Band>& wanted_bands() {
  static const std::vector<Band> bands{
      {"2-10x", 2, 10, 0.5},
      {"10-100x", 10, 100, 0.3},
      {"100x+", 100, std::numeric_limits<double>::infinity(), 0.2},
  };
  return bands;
}

const Band& next_band(const Counts& by_band) {
  double all = 1; // the one that is wanted
  for (const Band& band : wanted_bands())
    all += static_cast<double>(count_of(by_band, band.name));
  const auto missing = [&](const Band& band) {
    return all * band.share - static_cast<double>(count_of(by_band, band.name));
  };
  return *std::max_element(wanted_bands().begin(), wanted_bands().end(),
                           [&](const Band& a, const Band& b) { return missing(a) < missing(b); });
}

std::size_t choose_example(const std::vector<double>& speedups, const std::vector<double>& rewards,
                           const Band& wanted) {
  std::size_t best = speedups.size();
  const auto rank = [&](std::size_t k) {
    return std::tuple(speedups[k] >= wanted.low && speedups[k] < wanted.high, rewards[k]);
  };
  for (std::size_t k = 0; k < speedups.size(); ++k)
    if (best == speedups.size() || rank(k) > rank(best))
      best = k;
  return best;
}

} // namespace quill::loop
