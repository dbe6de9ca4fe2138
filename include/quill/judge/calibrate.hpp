// How far the clock can be trusted on this machine: a query against itself, which must not be
// called faster, and against a known slower one, which must be found.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "quill/core/json.hpp"
#include "quill/core/settings.hpp"

namespace quill {
class Cancel;
class Clock;
} // namespace quill

namespace quill::judge {

/// A speedup that is called one.
inline constexpr double kCalledFaster = 1.10;
/// What a clock must keep: at most so many calls where there is nothing, at least so many where the
/// other query is slower.
inline constexpr double kFalseCallsMax = 0.01;
inline constexpr double kFoundMin = 0.95;

struct CalibrateConfig {
  std::int64_t trials = 100;
  std::string timing = "sequential"; // 3run | trimmed5 | sequential | all
  double slower = 1.3;
  double shortest_us = 50;
  double longest_ms = 20;
  std::int64_t seed = 42;
  void fields(FieldList& list);
  /// \throws Error{usage} on values that cannot be together.
  void check() const;
};

struct Share {
  std::int64_t count = 0, trials = 0;
  [[nodiscard]] double share() const;
  [[nodiscard]] double at_most() const;  ///< upper end of the one-sided 95 % interval
  [[nodiscard]] double at_least() const; ///< lower end
};

/// One way of timing.
struct Calibrated {
  std::string timing;
  Share false_calls{}; ///< against itself: significant and at least kCalledFaster
  Share false_bare{};  ///< against itself: at least kCalledFaster, whatever the noise
  Share found{};       ///< against the slower one: significant and at least kCalledFaster
  double noise = 0;    ///< median
  double runs = 0;     ///< mean time of a pair over that of one run of each side
  [[nodiscard]] bool keeps() const {
    return false_calls.share() <= kFalseCallsMax && found.share() >= kFoundMin;
  }
};

struct Calibration {
  std::string engine;
  std::string clock;    ///< of the sequential test: processor | wall
  double worker_ms = 0; ///< median of what a warm worker costs beside the statement itself
  std::vector<Calibrated> timings;
  [[nodiscard]] bool keeps() const; ///< all of them do
};
[[nodiscard]] Json to_json(const Calibration& calibration, const CalibrateConfig& config);

/// Queries of random length between the two of `config`, each before every way of timing. Stops
/// early, with fewer trials, when `cancel` asks. `on_trial` gets the number done.
/// \throws Error{usage, storage} when the worker cannot start
[[nodiscard]] Calibration calibrate(const CalibrateConfig& config, const Clock& clock,
                                    const Cancel& cancel,
                                    const std::function<void(std::int64_t)>& on_trial);

} // namespace quill::judge
