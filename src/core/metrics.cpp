#include "quill/core/metrics.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace quill {

void Metrics::count(std::string_view name, std::int64_t by) {
  const std::lock_guard lock(mutex_);
  counts_.try_emplace(std::string(name), 0).first->second += by;
}

void Metrics::observe(std::string_view name, double value) {
  const std::lock_guard lock(mutex_);
  const auto [entry, added] = series_.try_emplace(std::string(name), Series{0, 0, value, value});
  Series& series = entry->second;
  ++series.count;
  series.sum += value;
  series.min = std::min(series.min, value);
  series.max = std::max(series.max, value);
}

std::int64_t Metrics::counted(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(name);
  return found == counts_.end() ? 0 : found->second;
}

Json Metrics::json() const {
  const std::lock_guard lock(mutex_);
  Json counts = Json::object();
  for (const auto& [name, count] : counts_)
    counts[name] = count;
  Json values = Json::object();
  for (const auto& [name, series] : series_)
    values[name] = {{"count", series.count},
                    {"mean", series.sum / static_cast<double>(series.count)},
                    {"min", series.min},
                    {"max", series.max}};
  return {{"counts", std::move(counts)}, {"values", std::move(values)}};
}

double median(std::vector<double> values) {
  if (values.empty())
    return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : std::midpoint(values[middle - 1], values[middle]);
}

} // namespace quill
