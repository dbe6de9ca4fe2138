#include "judge/noise.hpp"

#include <algorithm>
#include <cmath>

#include "judge/statistics.hpp"
#include "quill/core/error.hpp"

namespace quill::judge {

namespace {

/// e^kWidestLog - 1 is the largest noise that is told: about 2e8 percent.
constexpr double kWidestLog = 14.5;

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values)
    sum += value;
  return sum / static_cast<double>(values.size());
}

double squares_about(double centre, const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values)
    sum += (value - centre) * (value - centre);
  return sum;
}

double relative_square(const Centre& side) {
  const double mean = std::max(side.mean, kClockFloor);
  return side.squared_error / (mean * mean);
}

/// Welch-Satterthwaite on relative errors.
double freedom_of(double before, double before_freedom, double after, double after_freedom) {
  const double both = before + after;
  if (both <= 0)
    return before_freedom + after_freedom;
  return both * both / (before * before / before_freedom + after * after / after_freedom);
}

} // namespace

Centre after_first(const std::vector<double>& samples) {
  QUILL_CHECK(samples.size() == 3, "3run takes three samples");
  const double difference = samples[1] - samples[2];
  // The variance of two values is difference² / 2; of their mean half of that.
  return {.mean = (samples[1] + samples[2]) / 2,
          .squared_error = difference * difference / 4,
          .freedom = 1};
}

Centre trimmed(std::vector<double> samples) {
  QUILL_CHECK(samples.size() == 5, "trimmed5 takes five samples");
  std::sort(samples.begin(), samples.end());
  const double mean = (samples[1] + samples[2] + samples[3]) / 3;
  samples.front() = samples[1]; // winsorized: the extremes are pulled in, not dropped
  samples.back() = samples[3];
  const double squares = squares_about(mean_of(samples), samples);
  return {.mean = mean, .squared_error = squares / (3 * 2), .freedom = 2};
}

LogRatio log_ratio(const Centre& before, const Centre& after) {
  const double b = relative_square(before);
  const double a = relative_square(after);
  return {.value = std::log(std::max(before.mean, kClockFloor) / std::max(after.mean, kClockFloor)),
          .squared_error = a + b,
          .freedom = freedom_of(b, before.freedom, a, after.freedom)};
}

LogRatio pooled(const std::vector<LogRatio>& blocks) {
  QUILL_CHECK(!blocks.empty(), "no block to pool");
  const auto count = static_cast<double>(blocks.size());
  std::vector<double> values;
  LogRatio out{.value = 0, .squared_error = 0, .freedom = 0};
  for (const auto& block : blocks) {
    values.push_back(block.value);
    out.squared_error += block.squared_error / (count * count);
    out.freedom += block.freedom;
  }
  out.value = mean_of(values);
  if (blocks.size() > 1)
    out.squared_error =
        std::max(out.squared_error, squares_about(out.value, values) / (count * (count - 1)));
  return out;
}

Speedup speedup_of(const LogRatio& ratio, double level) {
  const double half = student_quantile(level, ratio.freedom) * std::sqrt(ratio.squared_error);
  return {.ratio = std::exp(ratio.value), .noise = std::expm1(std::min(half, kWidestLog))};
}

} // namespace quill::judge
