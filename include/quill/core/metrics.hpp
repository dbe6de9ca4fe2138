// Counters and timings of a run, by name, for summaries and metrics.json.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "quill/core/json.hpp"

namespace quill {

/// Thread-safe.
class Metrics {
 public:
  void count(std::string_view name, std::int64_t by = 1);
  void observe(std::string_view name, double value);
  [[nodiscard]] std::int64_t counted(std::string_view name) const;
  /// {"counts": {name: n}, "values": {name: {"count", "mean", "min", "max"}}}
  [[nodiscard]] Json json() const;

 private:
  struct Series {
    std::int64_t count = 0;
    double sum = 0, min = 0, max = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> counts_;
  std::map<std::string, Series, std::less<>> series_;
};

/// Median of a copy; NaN when empty.
[[nodiscard]] double median(std::vector<double> values);

} // namespace quill
