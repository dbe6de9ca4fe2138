#include "judge/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "quill/core/error.hpp"

namespace quill::judge {

namespace {

/// Below what any clock tells apart; a mean of 0 would divide by zero.
constexpr double kClockFloor = 1e-6;

/// 97.5 % quantiles of Student's t for 1 … 15 degrees of freedom, then the next lower multiple.
double student(double freedom) {
  constexpr std::array<double, 15> kQuantiles{12.706, 4.303, 3.182, 2.776, 2.571,
                                              2.447,  2.365, 2.306, 2.262, 2.228,
                                              2.201,  2.179, 2.160, 2.145, 2.131};
  const auto whole = static_cast<std::size_t>(std::clamp(std::floor(freedom), 1.0, 15.0));
  return kQuantiles[whole - 1];
}

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

Centre pooled(const std::vector<Centre>& blocks) {
  QUILL_CHECK(!blocks.empty(), "no block to pool");
  const auto count = static_cast<double>(blocks.size());
  std::vector<double> means;
  Centre out{.mean = 0, .squared_error = 0, .freedom = 0};
  for (const auto& block : blocks) {
    means.push_back(block.mean);
    out.squared_error += block.squared_error / (count * count);
    out.freedom += block.freedom;
  }
  out.mean = mean_of(means);
  if (blocks.size() > 1)
    out.squared_error =
        std::max(out.squared_error, squares_about(out.mean, means) / (count * (count - 1)));
  return out;
}

Speedup speedup_of(const Centre& before, const Centre& after) {
  const double b = relative_square(before);
  const double a = relative_square(after);
  const double freedom = freedom_of(b, before.freedom, a, after.freedom);
  return {.ratio = std::max(before.mean, kClockFloor) / std::max(after.mean, kClockFloor),
          .noise = student(freedom) * std::sqrt(a + b)};
}

} // namespace quill::judge
