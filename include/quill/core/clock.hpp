// Time is injected, so that tests own it.
#pragma once

#include <cstdint>
#include <string>

namespace quill {

class Cancel;

class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic milliseconds since an arbitrary start.
  [[nodiscard]] virtual double now_ms() const = 0;
  /// UTC as "2026-11-21T09:44:00Z".
  [[nodiscard]] virtual std::string utc() const = 0;
  /// Returns early when `cancel` is asked.
  virtual void sleep_ms(double ms, const Cancel& cancel) = 0;
};

[[nodiscard]] Clock& system_clock();

/// A clock that moves only when told (or when slept on).
class ManualClock final : public Clock {
 public:
  [[nodiscard]] double now_ms() const override { return now_ms_; }
  [[nodiscard]] std::string utc() const override { return "2026-01-01T00:00:00Z"; }
  void sleep_ms(double ms, const Cancel& cancel) override;
  void advance_ms(double ms) { now_ms_ += ms; }

 private:
  double now_ms_ = 0;
};

} // namespace quill
